// Shows the contract of the server that this page came from, with a curl line for each operation.
"use strict";

const ACCENT = "#4f46e5";
const INK = "#1e1b3a";
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

const THEME = {
  spacing: { sectionVertical: 28 },
  colors: { primary: { main: ACCENT }, text: { primary: "#27272f" } },
  typography: {
    fontSize: "15px",
    fontFamily: SANS,
    headings: { fontFamily: SANS, fontWeight: "600" },
    code: { fontFamily: MONO, fontSize: "13px", color: INK, backgroundColor: "#f1f0fb" },
    links: { color: ACCENT, visited: ACCENT },
  },
  sidebar: { backgroundColor: "#f8f8fc", textColor: "#33333f", activeTextColor: ACCENT },
  rightPanel: { backgroundColor: INK },
  codeBlock: { backgroundColor: "#14122b" },
};

const OPTIONS = {
  theme: THEME,
  downloadUrls: [{ title: "openapi.json", url: "openapi.json" }],
  hideLoading: true,
  hideSchemaPattern: true,
  jsonSamplesExpandLevel: 4,
  nativeScrollbars: true,
  requiredPropsFirst: true,
  showExtensions: ["x-scope"],
};

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** The contract as this server serves it: its own address comes first, tags are titles. */
function shown(contract, samples) {
  const base = new URL(".", location.href).href.replace(/\/$/, "");
  const others = contract.servers.filter((server) => server.url !== base);
  contract.servers = [{ url: base, description: "This server" }, ...others];
  for (const tag of contract.tags) {
    tag["x-displayName"] = tag.name[0].toUpperCase() + tag.name.slice(1);
  }
  for (const operation of Object.values(contract.paths).flatMap(Object.values)) {
    const source = samples[operation.operationId].replaceAll("$PRAZIUM_BASE_URL", base);
    operation["x-codeSamples"] = [{ lang: "Shell", label: "curl", source }];
  }
  return contract;
}

async function start() {
  const main = document.getElementById("reference");
  try {
    const loaded = await Promise.all([load(main.dataset.contract), load(main.dataset.samples)]);
    Redoc.init(shown(...loaded), OPTIONS, main);
  } catch (error) {
    main.textContent = `The reference cannot be shown: ${error.message}`;
  }
}

start();
