// The page in a real browser: what people do in it, and a picture of every view.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { must, open, serve } from "./house.mjs";
import { keys } from "./keys.mjs";
import { clarify, leave, lose, run, two, watch } from "./talk.mjs";
import { furnish, look } from "./views.mjs";

const pictures = process.env.PICTURES;
mkdirSync(pictures, { recursive: true });
// The chat as it is seen, any other page as long as it is.
const save = async (page, name) => {
  const fullPage = !(await page.locator("body.chat").count());
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage });
};
const complaints = [];
const begun = Date.now();
const done = (what) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);

const house = await serve();
const browser = await open();
try {
  done("the server has begun");
  const stranger = await browser.newPage();
  await stranger.goto(house.base);
  await stranger.waitForURL(/\/login/);
  await stranger.close();
  done("nobody comes in without a link");

  const dana = await run(browser, house, complaints, save);
  done("a run from words to its result, with a click, a correction and a reload");
  await watch(dana, save);
  done("the last lines of what runs");
  await clarify(dana, save);
  done("a clarification by click");
  await lose(dana);
  done("a lost connection");
  const ada = await two(browser, house, dana, complaints);
  done("two people who don't see one another");
  await furnish(browser, house, ada, complaints, save);
  await keys(browser, house, complaints, save);
  done("a run by keyboard alone");
  await look(browser, house, complaints, save);
  done("every view by day, by night and on a phone");
  await leave(dana);
  done("nothing is to be seen after leaving");
  must(complaints.length === 0, complaints.join("\n"));
} catch (error) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  await Promise.all(pages.map((page, i) => save(page, `failed-${i}`)));
  throw error;
} finally {
  await browser.close();
  house.end();
}
