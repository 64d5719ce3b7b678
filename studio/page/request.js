// The request of the form as JSON, for curl and for Python. A key is never in it.

const RUNPOD = "https://api.runpod.ai/v2";

const indented = (value) => JSON.stringify(value, null, 2);

function curl(input, endpoint) {
  // A single quote within single quotes of the shell.
  const body = indented({ input }).replaceAll("'", "'\\''");
  return `curl -sS ${RUNPOD}/${endpoint}/run \\
  -H "Authorization: Bearer $RUNPOD_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${body}'

# The answer has the job's id. Ask for the result with it:
# curl -sS ${RUNPOD}/${endpoint}/status/JOB_ID -H "Authorization: Bearer $RUNPOD_API_KEY"`;
}

function python(input, endpoint) {
  // The string is a raw one: JSON has its own escapes, and this one keeps quotes out of it.
  const body = indented({ input }).replaceAll("'", "\\u0027");
  return `import json, os, time, urllib.request

URL = "${RUNPOD}/${endpoint}"
HEADERS = {
    "Authorization": "Bearer " + os.environ["RUNPOD_API_KEY"],
    "Content-Type": "application/json",
}
JOB = r'''${body}'''


def call(path, body=None):
    request = urllib.request.Request(URL + path, body, HEADERS)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


job = call("/run", JOB.encode())
while job["status"] in ("IN_QUEUE", "IN_PROGRESS"):
    time.sleep(1)
    job = call("/status/" + job["id"])
print(json.dumps(job, indent=2))`;
}

// form: "json", "curl" or "python". endpoint: its id, or null while the worker of this computer speaks.
export function requestText(form, input, endpoint) {
  const id = endpoint || "YOUR_ENDPOINT_ID";
  if (form === "json") return indented({ input });
  return form === "curl" ? curl(input, id) : python(input, id);
}
