// Which worker is driven: that of this computer, or an endpoint on RunPod.

import { post, remove } from "./api.js";
import * as problems from "./problems.js";

const element = (id) => document.getElementById(id);
const ENGINES = { preview: "preview engine", f5: "F5-TTS" };

function facts({ mode, engine, device, version, clones }) {
  if (mode === "runpod") {
    return "Every job goes to your endpoint on RunPod and is billed there.";
  }
  const where = device ? ` on ${device}` : "";
  const voice = clones === false ? " It shows everything, but with a stand-in voice." : "";
  return `Worker ${version || ""} on this computer, ${ENGINES[engine] || engine}${where}.${voice}`;
}

// Show which worker is driven. worker: the server's reply.
export function show(worker) {
  const isRemote = worker.mode === "runpod";
  element("worker-dot").classList.toggle("remote", isRemote);
  element("worker-sign").textContent = isRemote
    ? `RunPod endpoint ${worker.endpoint_id}`
    : `This computer - ${ENGINES[worker.engine] || worker.engine}`;
  element("worker-facts").textContent = facts(worker);
  element("endpoint-fields").hidden = isRemote;
  element("disconnect").hidden = !isRemote;
}

function close() {
  element("worker").open = false;
  element("worker").querySelector("summary").focus();
}

// changed: gets the server's reply when another worker is driven.
export function listen(changed) {
  const change = async (ask) => {
    problems.clear();
    element("connect").disabled = element("disconnect").disabled = true;
    try {
      const worker = await ask();
      element("api_key").value = "";
      await changed(worker);
      close();
    } catch (error) {
      problems.show(error, element("api_key"));
    } finally {
      element("connect").disabled = element("disconnect").disabled = false;
    }
  };
  element("worker").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && element("worker").open) close();
  });
  element("endpoint").addEventListener("submit", (event) => {
    event.preventDefault();
    change(() => post("/api/endpoint", {
      endpoint_id: element("endpoint_id").value.trim(), api_key: element("api_key").value.trim(),
    }));
  });
  element("disconnect").addEventListener("click", () => change(() => remove("/api/endpoint")));
}
