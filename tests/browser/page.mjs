// Opens a headless browser for one check and closes it again, whatever happens.
//
// A check is a script beside this one: it imports `check` and gives it a function of (page, argument, tools), whose result is
// printed as JSON for the Rust test. `argument` is what the test handed over. The tools:
//   open(options)                  another person's browser: a page that shares nothing with the first
//   screenshot(name, page, look)   keeps a picture and gives its path; `look` is { width, dark, whole: false for the window }
//   accessibility(page)            what axe-core finds wrong with the page: [{id, impact, help, nodes}]
//   serious(page)                  of these, what is serious or critical, as short texts
//   seen                           of all pages: `errors` that were logged or thrown, and the `origins` that were asked

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { modules, shown, argument } = JSON.parse(process.argv[2]);
const require = createRequire(join(modules, 'resolve.cjs'));
const { chromium } = require('playwright-core');

const SIZE = { width: 1280, height: 900 };

export async function check(look, options = {}) {
    const browser = await chromium.launch({
        // The shell without a window: half the work of the whole browser, with the same engine.
        executablePath: '/usr/bin/chromium-headless-shell',
        args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    const seen = { errors: [], origins: new Set() };
    const open = async (more = {}) => {
        const context = await browser.newContext({ viewport: SIZE, ...options, ...more });
        context.setDefaultTimeout(90_000); // An end to waiting, not a measure: a busy machine is slow.
        watch(context, seen);
        return context.newPage();
    };
    try {
        const page = await open();
        const accessibility = async (of = page) => {
            // Evaluated, not added as a script: pages forbid scripts that are not theirs.
            await of.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
            // A colour half way to another one is nobody's contrast.
            await of.evaluate(() => Promise.allSettled(document.getAnimations()
                .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
                .map((animation) => animation.finished)));
            const { violations } = await of.evaluate(() => globalThis.axe.run());
            return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map((node) => node.html) }));
        };
        const result = await look(page, argument, {
            open,
            seen,
            accessibility,
            async serious(of = page) {
                const faults = (await accessibility(of)).filter(({ impact }) => impact === 'serious' || impact === 'critical');
                return faults.map(({ id, nodes }) => `${id} at ${new URL(of.url()).pathname}: ${nodes.join(' ')}`);
            },
            async screenshot(name, of = page, { width = SIZE.width, dark = false, whole = true } = {}) {
                const path = join(shown, `${name}.png`);
                await of.setViewportSize({ ...SIZE, width });
                await of.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
                // From the top: what sticks to the window would else stand in the middle of the picture.
                await of.evaluate(() => scrollTo(0, 0));
                await of.screenshot({ path, fullPage: whole });
                await of.emulateMedia({ colorScheme: null });
                await of.setViewportSize(SIZE);
                return path;
            },
        });
        console.log(JSON.stringify(result));
    } catch (error) {
        await tell(browser, seen);
        throw error;
    } finally {
        await browser.close();
    }
}

// Where everybody stood when a check failed.
async function tell(browser, seen) {
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
        const text = await page.locator('body').innerText({ timeout: 5_000 }).catch((error) => error.message);
        console.error(`-- ${page.url()} --\n${text.slice(0, 4_000)}\n--`);
    }
    console.error(seen.errors.slice(-20).join('\n'));
}

function watch(context, seen) {
    context.on('console', (message) => message.type() === 'error' && seen.errors.push(`${message.text()} (${message.location().url})`));
    context.on('weberror', (thrown) => seen.errors.push(`thrown: ${thrown.error()}`));
    context.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http')) seen.origins.add(origin);
    });
}
