// Proves that the browser works: it shows a page, runs its script, takes a picture, and axe-core finds the fault in it.

import { check } from './page.mjs';

await check(async (page, html, { screenshot, accessibility }) => {
    await page.setContent(html);
    await page.click('button');
    const heading = await page.textContent('h1');
    return { heading, screenshot: await screenshot('smoke'), faults: (await accessibility()).map((fault) => fault.id) };
});
