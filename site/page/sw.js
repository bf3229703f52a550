// After the first visit the page needs no network. FILES, which the build writes here, are the names
// of all files with a digest of each, so that another edition of the page is another cache.
const OURS = `cs231n-vis ${registration.scope} `;
const CACHE = OURS + FILES.map(([, digest]) => digest.slice(0, 4)).join("");

addEventListener("install", (event) => {
  // what has a digest in its name never changes, and has just been loaded
  const lasting = /-[0-9A-Za-z]{8}\.\w+$/;
  const fresh = FILES.map(([name]) =>
    new Request(name, { cache: lasting.test(name) ? "default" : "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

addEventListener("activate", (event) => {
  // other pages may share the origin, and have caches of their own
  const old = (name) => name.startsWith(OURS) && name !== CACHE;
  const clean = async () => Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  event.waitUntil(clean().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || !address.href.startsWith(registration.scope)) return;
  const asked = address.origin + address.pathname; // without what a link says of the state
  const name = asked === registration.scope ? "index.html" : request;
  const answer = async () => {
    const cache = await caches.open(CACHE);
    return (await cache.match(name, { ignoreSearch: true })) ?? fetch(request);
  };
  event.respondWith(answer());
});
