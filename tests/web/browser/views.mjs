// Pictures of every view, and what must hold in each of them.

import { enter, must, say, seen } from "./house.mjs";

const PATHS = ["/", "/runs", "/runs/1", "/runs/2", "/jobs", "/jobs/deploy_app", "/approvals", "/schedules", "/drafts", "/audit", "/nothing"];

/** Something to be seen in each view. */
export async function furnish(browser, house, ada, complaints) {
  const oli = await enter(browser, house, "oli", complaints);
  await say(oli, "把 cart-service 7.4.0 部署到生产环境");
  await (await seen(oli, "7.4.0")).getByRole("button").first().click();
  // It waits for somebody else's yes.
  await ada.locator("#waiting", { hasText: "1" }).waitFor();
  await say(ada, "deploy cart-service 6.6.6 to staging");
  const plan = await seen(ada, "6.6.6");
  await plan.getByRole("button", { name: "Run" }).click();
  await seen(ada, "health check failed");
  await say(ada, "deploy order-service 2.1.0");
  await seen(ada, "environment");
  await say(ada, "/pause");
  await seen(ada, "order-service");
  return oli;
}

/** Every view, by day, by night, and on a phone. */
export async function look(browser, house, complaints, save) {
  const looks = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { colorScheme: "light", viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }],
    ["phone-dark", { colorScheme: "dark", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 }],
  ];
  for (const [name, options] of looks) {
    const page = await enter(browser, house, "ada", complaints, options);
    for (const path of PATHS) {
      const missing = path === "/nothing";
      const answer = await page.goto(house.base + path);
      must(answer.status() === (missing ? 404 : 200), `${path}: ${answer.status()}`);
      if (missing) complaints.pop();
      await page.waitForTimeout(150);
      await check(page, `${path} (${name})`);
      await save(page, `${path.slice(1).replaceAll("/", "-") || "chat"}-${name}`);
    }
    await page.context().close();
  }
}

/** What a page owes to those who can't see it, have no mouse, or little room. */
async function check(page, where) {
  const faults = await page.evaluate(() => {
    const faults = [];
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > innerWidth) faults.push(`it is ${scrollWidth} wide, on ${innerWidth}`);
    if (document.querySelectorAll("main").length !== 1) faults.push("it has no one main part");
    if (document.querySelectorAll("h1").length !== 1) faults.push("it has no one heading");
    if (!document.documentElement.lang) faults.push("its language is not said");
    const controls = document.querySelectorAll("input:not([type=hidden]), select, textarea");
    for (const control of controls) if (!control.labels?.length) faults.push(`${control.name} has no label`);
    for (const button of document.querySelectorAll("button, a")) if (!button.textContent.trim()) faults.push(`${button.outerHTML} has no name`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids) if (ids.filter((other) => other === id).length > 1) faults.push(`${id} is there twice`);
    for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
      const named = `${element.getAttribute("aria-describedby") ?? ""} ${element.getAttribute("aria-labelledby") ?? ""}`;
      for (const id of named.split(" ").filter(Boolean)) if (!ids.includes(id)) faults.push(`${id} is named, and not there`);
    }
    return faults.concat(contrasts());

    /** Words that can hardly be told from what they stand on. */
    function contrasts() {
      const found = new Set();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest(".unseen, noscript, option")) continue;
        const ratio = contrast(parse(getComputedStyle(element).color), ground(element));
        if (ratio < 4.5) found.add(`“${element.textContent.trim().slice(0, 30)}” has a contrast of ${ratio.toFixed(1)}`);
      }
      return [...found];
    }
    function parse(color) {
      return color.match(/[\d.]+/g).map(Number);
    }
    function ground(element) {
      for (let up = element; up; up = up.parentElement) {
        const color = parse(getComputedStyle(up).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    }
    function contrast(a, b) {
      const light = (c) => {
        const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
      return (high + 0.05) / (low + 0.05);
    }
  });
  must(faults.length === 0, `${where}: ${faults.join("; ")}`);
}
