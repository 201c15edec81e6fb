// Pictures of every view, and what must hold in each of them.

import { enter, must, say, seen } from "./house.mjs";
import { owed, reach } from "./owed.mjs";

const PATHS = ["/", "/runs", "/runs/1", "/runs/4", "/jobs", "/jobs/deploy_app", "/approvals", "/schedules", "/drafts", "/audit", "/nothing"];

/** By day, by night, on a phone, and in the other language. */
const LOOKS = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
  ["phone-dark", { colorScheme: "dark", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 }],
  ["zh", { colorScheme: "light", locale: "zh-CN" }],
  ["phone-zh", { colorScheme: "light", locale: "zh-CN", viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
];

/** Something to be seen in each view. */
export async function furnish(browser, house, ada, complaints, save) {
  const oli = await enter(browser, house, "oli", complaints);
  await say(oli, "把 cart-service 7.4.0 部署到生产环境");
  await (await seen(oli, "7.4.0")).getByRole("button").first().click();
  // It waits for somebody else's yes.
  await ada.locator("#waiting", { hasText: "1" }).waitFor();
  await save(oli, "chat-zh");
  await say(ada, "deploy cart-service 6.6.6 to staging");
  const plan = await seen(ada, "6.6.6");
  await plan.getByRole("button", { name: "Run" }).click();
  await seen(ada, "Deploy application: failed");
  await save(ada, "chat-failed");
  await say(ada, "deploy order-service 2.1.0");
  await seen(ada, "Which environment?");
  await say(ada, "restart cart-service in staging every weekday at 2am");
  await (await seen(ada, "is not finished")).getByRole("button", { name: "Keep it for later" }).click();
  await schedule(ada, "02:00");
  await say(ada, "reboot web-03 every sunday at 4am");
  await schedule(ada, "04:00");
  await say(ada, "restart order-service in staging tomorrow at 10pm");
  await schedule(ada, "22:00");
}

/** Says yes to a plan for later. */
async function schedule(page, when) {
  const plan = page.locator("#log article", { hasText: when }).filter({ hasText: "nothing has run yet" }).last();
  await plan.getByRole("button", { name: "Schedule" }).click();
  await page.locator("#log article", { hasText: "scheduled" }).filter({ hasText: when }).last().waitFor();
}

/** Every view, in every look. */
export async function look(browser, house, complaints, save) {
  for (const [name, options] of LOOKS) {
    await door(browser, house, name, options, save);
    const page = await enter(browser, house, "ada", complaints, options);
    // Where somebody's own words say nothing, a browser's language is spoken.
    if (options.locale) must((await page.locator("html").getAttribute("lang")) === options.locale, "it speaks the browser's language");
    for (const path of PATHS) {
      const missing = path === "/nothing";
      const answer = await page.goto(house.base + path);
      must(answer.status() === (missing ? 404 : 200), `${path}: ${answer.status()}`);
      if (missing) complaints.pop();
      await pictured(page, `${path.slice(1).replaceAll("/", "-") || "chat"}-${name}`, save);
      if (path === "/jobs/deploy_app") {
        // Sent with nothing in it, it says what is missing where it is missing.
        await page.locator("form.form button.primary").click();
        await page.locator(".wrong[role=alert]").waitFor();
        await pictured(page, `job-wrong-${name}`, save);
      }
    }
    await page.context().close();
  }
}

/** What a stranger sees: how to get in, a link that is good, and one that is not. */
async function door(browser, house, name, options, save) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const link = house.link("ada");
  for (const [address, view] of [["/login", "login"], [link.slice(house.base.length), "login-link"], ["/login?link=nonsense", "login-bad"]]) {
    await page.goto(house.base + address);
    await pictured(page, `${view}-${name}`, save);
  }
  await context.close();
}

/** A picture of a page, and what must hold in it. */
async function pictured(page, name, save) {
  await page.waitForTimeout(150);
  const faults = await owed(page);
  must(faults.length === 0, `${name}: ${faults.join("; ")}`);
  await save(page, name);
  const lost = await reach(page);
  must(lost.length === 0, `${name}, by keyboard: ${lost.join("; ")}`);
}
