const root = document.getElementById("player");
const { link, beside } = root.querySelector("audio").dataset;
createPlayer(root, { keys: document }).load({ sources: [link, beside] });
