// A project of its own, the program that serves it, and browsers in which somebody is logged in.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const root = process.env.STEWARD_ROOT;
const program = process.env.STEWARD_PROGRAM;
const models = process.env.STEWARD_MODELS;

/** Serves the example project until `end`. */
export async function serve() {
  const folder = mkdtempSync(join(tmpdir(), "steward-browser-"));
  for (const name of ["intents", "training-data", "demo", "access"]) symlinkSync(join(root, name), join(folder, name));
  symlinkSync(models, join(folder, "models"));
  writeFileSync(join(folder, "steward.yaml"), "conversation: {time_zone: UTC}\nsupport: {en: the platform team}\n");
  mkdirSync(join(folder, "state"));
  const options = { cwd: folder, env: { ...process.env, USER: "tester" } };
  const server = spawn(program, ["serve", "--web", "127.0.0.1:0"], { ...options, stdio: ["ignore", "inherit", "inherit"] });
  const address = join(folder, "state/web-address");
  for (let i = 0; !existsSync(address); i += 1) {
    if (server.exitCode !== null || i > 3000) throw new Error("the server does not begin");
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    base: readFileSync(address, "utf8"),
    link: (user) => execFileSync(program, ["users", "login", user], { ...options, stdio: ["ignore", "pipe", "ignore"] }).toString().trim(),
    end() {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Chromium, as Debian has it. */
export function open() {
  // As root, as in a container, Chromium has no sandbox of its own.
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** A page in which a user is logged in. What goes wrong in it is added to `complaints`. */
export async function enter(browser, house, user, complaints, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(`${user}: ${error}`));
  page.on("console", (message) => {
    // A lost connection and a refused form, which tests make, are told of by the browser itself.
    const expected = ["ERR_INTERNET_DISCONNECTED", "status of 422"].some((part) => message.text().includes(part));
    if (message.type() === "error" && !expected) complaints.push(`${user}: ${message.text()}`);
  });
  await page.goto(house.link(user));
  await page.getByRole("main").getByRole("button").click();
  await page.waitForURL(`${house.base}/`);
  return page;
}

/** Says something, as a person does. */
export async function say(page, words) {
  await page.locator("#text").fill(words);
  await page.keyboard.press("Enter");
}

/** The last thing in the chat that holds these words, once it is there. */
export async function seen(page, words) {
  const item = page.locator("#log article", { hasText: words }).last();
  await item.waitFor();
  return item;
}

/** Complains where something is not so. */
export function must(condition, what) {
  if (!condition) throw new Error(what);
}
