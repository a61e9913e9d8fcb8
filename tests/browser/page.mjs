// Opens a headless browser for one check and closes it again, whatever happens.
//
// A check is a script beside this one: it imports `check` and gives it a function of (page, argument, tools), whose result is
// printed as JSON for the Rust test. `argument` is what the test handed over. `tools.screenshot(name)` keeps a picture and
// gives its path; `tools.accessibility()` gives what axe-core finds wrong with the page: [{id, impact, help, nodes}].

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { modules, shown, argument } = JSON.parse(process.argv[2]);
const require = createRequire(join(modules, 'resolve.cjs'));
const { chromium } = require('playwright-core');

export async function check(look, options = {}) {
    const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    try {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        context.setDefaultTimeout(30_000);
        const page = await context.newPage();
        const result = await look(page, argument, {
            async screenshot(name) {
                const path = join(shown, `${name}.png`);
                await page.screenshot({ path, fullPage: true });
                return path;
            },
            async accessibility() {
                // Evaluated, not added as a script: pages forbid scripts that are not theirs.
                await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
                const { violations } = await page.evaluate(() => globalThis.axe.run());
                return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map((node) => node.html) }));
            },
        });
        console.log(JSON.stringify(result));
    } finally {
        await browser.close();
    }
}
