// A mail's HTML part as mail programs show it: light, dark and on a phone. It asks nobody for anything, and nothing of it is
// wider than its window. Then without its style element, which some programs take away: what is inline has to do.

import { check } from './page.mjs';

const widest = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);

await check(async (page, html, { screenshot, serious, seen }) => {
    const overflow = [], faults = [], pictures = [];
    for (const [name, look] of [['light', {}], ['dark', { dark: true }], ['phone', { width: 390 }], ['phone-dark', { width: 390, dark: true }]]) {
        await page.setViewportSize({ width: look.width ?? 1280, height: 900 });
        await page.emulateMedia({ colorScheme: look.dark ? 'dark' : 'light' });
        await page.setContent(html);
        overflow.push(await widest(page));
        faults.push(...await serious(page));
        pictures.push(await screenshot(`mail-${name}`, page, look));
    }
    const paint = (name) => page.evaluate((name) => getComputedStyle(document.querySelector(name)).backgroundColor, name);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await paint('.card');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await paint('.card');
    const preheader = await page.evaluate(() => {
        const first = document.body.firstElementChild;
        return { height: first.getBoundingClientRect().height, text: first.textContent.trim() };
    });
    await page.setContent(html.replace(/<style>[^]*<\/style>/, ''));
    const bare = { card: await paint('.card'), width: await page.evaluate(() => document.querySelector('.card').getBoundingClientRect().width) };
    return { overflow, faults, pictures, light, dark, preheader, bare, errors: seen.errors, origins: [...seen.origins] };
});
