// Asks a status API with npm's statuspage.io and prints what each call answers: arguments are where the package is and the address.

const { createRequire } = require('node:module');
const { join } = require('node:path');

const [, , modules, address] = process.argv;
const { Statuspage } = createRequire(join(modules, 'resolve.cjs'))('statuspage.io');

const page = new Statuspage('onevoice');
page.setApiUrl(new URL(address).origin);
const { api } = page;
const calls = {
    summary: () => api.getSummary(),
    status: () => api.getStatus(),
    components: () => api.getComponents(),
    incidents: () => api.incidents.getAll(),
    unresolved: () => api.incidents.getUnresolved(),
    maintenances: () => api.scheduledMaintenances.getAll(),
    upcoming: () => api.scheduledMaintenances.getUpcoming(),
    active: () => api.scheduledMaintenances.getActive(),
};
(async () => {
    const said = {};
    for (const [name, call] of Object.entries(calls)) said[name] = await call();
    console.log(JSON.stringify(said));
})();
