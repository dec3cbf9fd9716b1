import { fillData, shell } from '../roots/data-root.ts';
import type { FreshRoot } from '../roots/roots.ts';
import { spamSources } from '../troubles/spam-package.ts';
import type { Booted } from './booted.ts';

/** On top of a server with all the services. */
export const everythingPackages = [
  ...['at', 'bind9-dnsutils', 'curl', 'dovecot-imapd', 'ifupdown', 'iproute2', 'libcap2-bin', 'nftables', 'openssl'],
  ...['python3-dev', 'python3-venv', 'rrdcached', 'smbclient', 'socat'],
];

/** How much of each; a million rows make about 1 GB. */
export interface Size {
  readonly rows: number;
  readonly entries: number;
  readonly rrdFiles: number;
}

const zone = `$TTL 3600
@ IN SOA ns.example.test. root.example.test. 1 3600 900 604800 300
@ IN NS ns.example.test.
@ IN MX 10 mail.example.test.
ns IN A 192.0.2.53
www IN A 192.0.2.80
`;

const files: Readonly<Record<string, string>> = {
  '/etc/bind/db.example.test': zone,
  '/etc/bind/named.conf.local': 'zone "example.test" { type master; file "/etc/bind/db.example.test"; };\n',
  '/etc/apache2/sites-available/shop.conf':
    '<VirtualHost *:80>\nServerName shop.example.test\nDocumentRoot /srv/shop\n<Directory /srv/shop>\nRequire all granted\n</Directory>\n</VirtualHost>\n',
  '/srv/shop/index.php': '<?php echo PHP_VERSION, " shop ", strrev("olleh"), "\\n";\n',
  '/etc/dovecot/local.conf': 'mail_location = maildir:~/Maildir\ndisable_plaintext_auth = no\nssl = no\n',
  '/etc/systemd/system/port443.service': `[Service]
User=nobody
SuccessExitStatus=143
ExecStart=/usr/bin/socat OPENSSL-LISTEN:443,fork,reuseaddr,cert=/srv/tls.pem,verify=0 EXEC:/usr/local/bin/answer
[Install]
WantedBy=multi-user.target
`,
  '/etc/systemd/system/port443.service.d/capability.conf': '[Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n',
  // Closed with something unread, the connection might be reset before the answer is there.
  '/usr/local/bin/answer':
    '#!/bin/sh\nwhile IFS= read -r line && [ ${#line} -gt 1 ]; do :; done\nprintf "HTTP/1.0 200 OK\\r\\n\\r\\nas ever\\n"\n',
  '/etc/cron.d/ours': '* * * * * root date +\\%s > /var/lib/ours/minute\n',
  '/etc/nftables.conf': `#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  set admins { type ipv4_addr; flags interval; elements = { 10.0.2.0/24 } }
  chain input { type filter hook input priority 0; policy accept; ip saddr @admins tcp dport 22 counter accept; tcp dport 8443 drop; }
}
`,
  '/etc/network/interfaces': `auto lo
iface lo inet loopback

auto v0
iface v0 inet static
  pre-up ip link add v0 type veth peer name v1 && ip link set v1 up
  address 10.9.0.5/24
  post-up ip route add default via 10.9.0.1 dev v0 table 10
  post-up ip rule add from 10.9.0.5 lookup 10
  post-up for f in 4 6; do ip -$f rule add pref 32765 table local; ip -$f rule del pref 0; done
`,
  ...spamSources,
};

const settings = `chmod 755 /usr/local/bin/answer /srv/shop
chmod 644 /etc/bind/db.example.test
cp /usr/bin/cat /usr/local/bin/reader
setcap cap_dac_read_search=ep /usr/local/bin/reader
setcap cap_net_bind_service=ep /usr/bin/socat
useradd --create-home --shell /bin/bash olga
echo olga:secret | chpasswd
install -d -o olga -g adm -m 2770 /var/lib/ours
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=host -keyout /srv/tls.key -out /srv/tls.crt 2>/dev/null
cat /srv/tls.key /srv/tls.crt > /srv/tls.pem
chown nobody /srv/tls.pem
chmod 600 /srv/tls.*
tar -C /srv/sdists/src -czf /srv/sdists/spam-1.0.tar.gz spam-1.0
install -d -o olga -g olga /srv/app
runuser -u olga -- python3 -m venv /srv/app/venv
printf '[global]\\nno-index = true\\nfind-links = /srv/sdists\\n' > /srv/app/venv/pip.conf
chown olga: /srv/app/venv/pip.conf
runuser -u olga -- /srv/app/venv/bin/pip install -q spam
a2ensite -q shop
for n in 1 2 3; do
  install -d -o olga -g olga -m 700 /home/olga/Maildir /home/olga/Maildir/new /home/olga/Maildir/cur /home/olga/Maildir/tmp
  printf 'From: a@example.test\\nSubject: mail %s\\n\\nkept %s\\n' $n $n > /home/olga/Maildir/new/$n.host
done
chown -R olga: /home/olga/Maildir`;

/** What only runs when the host does. */
const services = `set -e
systemctl enable -q --now nftables networking port443 atd
systemctl restart named apache2 dovecot nftables
postconf -e 'defer_transports = smtp' 'mydestination = localhost'
systemctl restart postfix
for n in 1 2 3; do printf 'Subject: queued %s\\n\\nlater\\n' $n | sendmail -f olga@localhost someone@elsewhere.example.test; done
printf 'secret\\nsecret\\n' | smbpasswd -s -a olga
printf '[ours]\\npath = /var/lib/ours\\nread only = no\\nvalid users = olga\\n' >> /etc/samba/smb.conf
systemctl restart smbd
mariadb -e "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, word TEXT) ENGINE=InnoDB; CREATE USER web@localhost IDENTIFIED BY 'secret'; GRANT SELECT ON shop.* TO web@localhost"
for n in $(seq 1 500); do echo "INSERT INTO shop.t VALUES ($n, MD5($n));"; done | mariadb
for n in $(seq 1 500); do echo "SET key$n value$n"; done | redis-cli > /dev/null
redis-cli save > /dev/null
echo 'touch /var/lib/ours/at-was-here' | at -q b now + 30 days 2>/dev/null
sync`;

/** Before it is booted: files and data that programs write without their services. */
export async function furnish(root: FreshRoot, size: Size): Promise<void> {
  await fillData(root.directory, size);
  for (const [path, text] of Object.entries(files)) {
    const here = Buffer.from(text).toString('base64');
    await shell(root.directory, `mkdir -p ${path.slice(0, path.lastIndexOf('/'))}; echo ${here} | base64 -d > ${path}`);
  }
  await shell(root.directory, `set -e\n${settings}`);
}

/** Afterwards: what is said to services. */
export async function furnishServices(booted: Booted): Promise<void> {
  await booted.mustExec(['bash', '-c', services], { limitMs: 300_000 });
}

const psql = 'su postgres -s /bin/sh -c';
const sum = 'sha256sum | cut -c1-16';

/** What an administrator would ask; by its name, each a line or more. */
const questions: Readonly<Record<string, string>> = {
  'postgresql: rows and sums': `${psql} "psql --cluster 15/main -At -d app -c 'SELECT count(*), sum(price) FILTER (WHERE price < 1e9), count(DISTINCT tags) FROM shop.orders'"
${psql} "psql --cluster 15/second -At -d zweite -c 'SELECT count(*), sum(number) FROM sorted'"`,
  'postgresql: all of it': `for c in main second; do ${psql} "pg_dumpall --cluster 15/$c --data-only --no-unlogged-table-data" | grep -v -e '^--' -e '^.\\(un\\)*restrict ' | LC_ALL=C sort | ${sum}; done`,
  'postgresql: large objects': `${psql} "psql --cluster 15/main -At -d app -c 'SELECT md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1'"`,
  'slapd: entries': `ldapsearch -x -LLL -H ldap://127.0.0.1 -D cn=admin,dc=nodomain -w secret -b dc=nodomain '(objectClass=*)' 1.1 2>/dev/null | grep -c ^dn:`,
  'slapd: the overlay': `ldapsearch -x -LLL -H ldap://127.0.0.1 -b dc=nodomain '(uid=user7)' memberOf cn`,
  'rrd: dumps': `find /var/lib/munin /srv/graphs -name '*.rrd' ! -name torn.rrd -print0 | sort -z | head -z -n 100 | xargs -0 -n1 rrdtool dump | sed -E 's/([0-9]\\.([0-9]*[1-9])?)0*e/\\1e/g' | ${sum}`,
  'rrd: files': `find /var/lib/munin /srv/graphs -name '*.rrd' -printf '%p %u %g %m %TY-%Tm-%Td %TH:%TM\\n' | sort | ${sum}`,
  mariadb: `mariadb -N -e 'SELECT COUNT(*), MD5(GROUP_CONCAT(word ORDER BY id)) FROM shop.t; SHOW GRANTS FOR web@localhost; CHECK TABLE shop.t'`,
  redis: `redis-cli dbsize; redis-cli get key77`,
  'mail: queued': `mailq | grep -c '@elsewhere'`,
  'mail: a mailbox': `curl -s --user olga:secret 'imap://127.0.0.1/INBOX;MAILINDEX=2'; curl -s --user olga:secret imap://127.0.0.1/ -X 'STATUS INBOX (MESSAGES)'`,
  samba: `smbclient -U olga%secret //127.0.0.1/ours -c 'ls minute' 2>&1 | awk '{print $1}' | head -1; pdbedit -L`,
  dns: `dig +short @127.0.0.1 www.example.test A; dig +short @127.0.0.1 example.test MX`,
  web: `curl -s -H 'Host: shop.example.test' http://127.0.0.1/; curl -sk https://127.0.0.1/`,
  'privileged port': `ps -o user= -p $(systemctl show -p MainPID --value port443)`,
  capabilities: `getcap /usr/local/bin/reader /usr/bin/socat; runuser -u nobody -- /usr/local/bin/reader /etc/shadow | grep -c ^olga`,
  network: `ip -4 rule; ip -6 rule; ip route show table 10; ip -4 address show v0 | grep inet; nft --stateless list ruleset`,
  'cron and at': `test $(( $(date +%s) - $(cat /var/lib/ours/minute) )) -lt 130 && echo fires; atq | wc -l`,
  virtualenv: `/srv/app/venv/bin/pip freeze; runuser -u olga -- /srv/app/venv/bin/python -c 'import spam; print(spam.__name__)'`,
  login: `su - olga -c id`,
  units: `systemctl is-active ssh apache2 mariadb postgresql@15-main postgresql@15-second redis-server slapd postfix@- named smbd dovecot cron atd rsyslog nftables port443 rrdcached`,
};

/** @returns each question with its answer */
export async function askAll(booted: Booted): Promise<string> {
  const answers: string[] = [];
  for (const [name, script] of Object.entries(questions)) {
    const { stdout, stderr } = await booted.exec(['bash', '-c', script], { limitMs: 300_000 });
    answers.push(`== ${name}\n${stdout}${stdout === '' ? stderr : ''}`);
  }
  return answers.join('\n');
}
