import type { Booted } from './booted.ts';

/** Packages that the services below are of. */
export const ownServicePackages = ['iproute2', 'socat'];

const units: Readonly<Record<string, string>> = {
  'port443.service': `[Service]
User=nobody
SuccessExitStatus=143
ExecStart=/usr/bin/socat TCP-LISTEN:443,fork,reuseaddr EXEC:"/bin/echo served"
[Install]
WantedBy=multi-user.target
`,
  'port443.service.d/capability.conf': '[Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n',
  'stays-off.service': '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  'b-base.service': '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  // Does not start before b-base.service does, and does not start it.
  'a-fragile.service': `[Unit]
Requisite=b-base.service
After=b-base.service
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`,
  'never.service': `[Service]
ExecStart=/bin/sh -c 'test ! -e /root/no || { echo The file /root/no is there; exit 3; }; exec sleep infinity'
[Install]
WantedBy=multi-user.target
`,
  'echo.socket': '[Socket]\nListenStream=127.0.0.1:7777\nAccept=yes\n[Install]\nWantedBy=sockets.target\n',
  'echo@.service': '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n',
  'often.timer': '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
  'often.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n',
};

/** Units that an administrator wrote: all but `stays-off.service` and a masked one run. */
export async function makeOwnServices(booted: Booted): Promise<void> {
  for (const [name, text] of Object.entries(units)) {
    const path = `/etc/systemd/system/${name}`;
    await booted.mustExec(['sh', '-c', 'mkdir -p "${1%/*}" && cat > "$1"', 'sh', path], { input: text });
  }
  await booted.mustExec(['systemctl', 'daemon-reload']);
  const started = ['port443.service', 'b-base.service', 'a-fragile.service', 'never.service', 'echo.socket'];
  await booted.mustExec(['systemctl', 'enable', '--now', ...started, 'often.timer']);
  await booted.mustExec(['systemctl', 'mask', 'unwanted.service']);
}
