// Opens a book's page in a browser at three widths, turns it by keyboard, and prints what it saw as JSON:
// node look.mjs PATH_OF_BROWSER FILE_ADDRESS
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const puppeteer = require("puppeteer");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [browserPath, address] = process.argv.slice(2);
const widths = { desktop: [1400, 800], tablet: [800, 1100], phone: [390, 844] };

const where = (page) => page.$eval(".where", (line) => line.textContent);
const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
const found = async (page) => {
  await page.evaluate(axe);
  return page.evaluate(async () => (await axe.run()).violations.map((one) => `${one.id}: ${one.nodes[0].html}`));
};

// Draws a finger over the page and says where that leads.
const swiped = async (page, [fromX, toX], height) => {
  await page.touchscreen.touchStart(fromX, height / 2);
  await page.touchscreen.touchMove((fromX + toX) / 2, height / 2 + 8);
  await page.touchscreen.touchMove(toX, height / 2 + 8);
  await page.touchscreen.touchEnd();
  return where(page);
};

const looked = async (browser, [width, height]) => {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (line) => errors.push(line.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => request.url().startsWith("file:") || errors.push(`asked for ${request.url()}`));
  await page.setViewport({ width, height, hasTouch: true });
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  await page.goto(address);
  const places = [await where(page)];
  const violations = await found(page);
  let overflows = await isWide(page);
  for (let turns = 0; turns < 200; turns += 1) {
    await page.keyboard.press("ArrowRight");
    const place = await where(page);
    if (place === places.at(-1)) break;
    places.push(place);
    overflows ||= await isWide(page);
    if (places.length === 5) violations.push(...(await found(page)));
  }
  await page.keyboard.press("Home");
  const home = await where(page);
  const swipes = [
    await swiped(page, [width * 0.8, width * 0.2], height),
    await swiped(page, [width * 0.2, width * 0.8], height),
    await swiped(page, [width * 0.5, width * 0.48], height),
  ];
  await page.close();
  return { places, home, swipes, violations, errors, overflows };
};

const browser = await puppeteer.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const seen = {};
for (const [name, size] of Object.entries(widths)) seen[name] = await looked(browser, size);
const plain = await browser.newPage();
await plain.setJavaScriptEnabled(false);
await plain.goto(address);
seen.sheetsWithoutScript = await plain.$$eval(".sheet", (all) => all.filter((one) => one.checkVisibility()).length);
console.log(JSON.stringify(seen));
await browser.close();
