// Follows every link of the console as each colleague sees it, and of the public pages: what axe finds, what is wider than its
// window at 200 % and on a phone, and the HTML as it was sent, for the validator.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { check } from './page.mjs';
import { signIn } from './desk.mjs';

// Of pages that differ only by a number so many are looked at.
const ALIKE = 2;

await check(async (_, { base, password, people, folder }, { open, serious, seen }) => {
    const faults = [], wide = [], visited = [], looked = new Set();
    for (const email of people) {
        const page = await open({ reducedMotion: 'reduce' }); // Else colours are looked at while they change.
        if (email) await signIn(page, base, email, password);
        const found = [email ? '/console' : '/'], known = new Set(found), alike = {};
        while (found.length) {
            const path = found.shift();
            const kind = path.replace(/\?.*/, '?').replace(/\d+/g, '0');
            alike[kind] = (alike[kind] || 0) + 1;
            if (alike[kind] > ALIKE) continue;
            const answer = await page.goto(base + path);
            if (!(answer.headers()['content-type'] || '').startsWith('text/html')) continue;
            visited.push(`${answer.status()} ${path}`);
            const name = `${email.split('@')[0]}${path.replace(/[^a-z0-9]+/gi, '-')}.html`;
            writeFileSync(join(folder, name), await answer.text());
            const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map((link) => link.href));
            for (const link of links) {
                const { origin, pathname, search } = new URL(link);
                if (origin !== base || known.has(pathname + search) || /\.(csv|json|txt|xml|atom|rss)$/.test(pathname)) continue;
                known.add(pathname + search);
                found.push(pathname + search);
            }
            // What a colleague sees just the same was looked at.
            const shown = await page.evaluate(() => document.querySelector('main').innerHTML.replace(/name="csrf" value="[^"]*"/g, ''));
            if (looked.has(kind + shown)) continue;
            looked.add(kind + shown);
            // What is folded away is read, too.
            await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
            faults.push(...(await serious(page)));
            for (const width of [640, 390]) {
                await page.setViewportSize({ width, height: 900 });
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                if (over > 0) wide.push(`${path} at ${width}: ${over} too wide`);
            }
            await page.setViewportSize({ width: 1280, height: 900 });
            await page.emulateMedia({ colorScheme: 'dark' });
            faults.push(...(await serious(page)));
            await page.emulateMedia({ colorScheme: null });
        }
    }
    return { faults: [...new Set(faults)], wide, visited, errors: seen.errors, origins: [...seen.origins] };
});
