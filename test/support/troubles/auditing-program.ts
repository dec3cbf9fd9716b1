import { gunzipSync } from 'node:zlib';

/** Where {@link auditedProgram} says that its auditor is. */
export const auditorPlace = '/home/mallory/audit.so';

/**
 * A 32-bit program that names an auditor, which the dynamic loader runs even where it is only asked for libraries.
 *
 * Made with gcc -m32 -Os -nostdlib -pie -fPIE -s -Wl,--audit=/home/mallory/audit.so,-z,noseparate-code of:
 * void _start(void) { __asm__("int3"); }
 */
export const auditedProgram = unpack(
  'H4sIAAAAAAACA+2YzU7CQBDHpwVR4QCJmnAxcjFgDFtATiYmJiheTERfwLS02ib9IO2SwMlX8J28+hBefAS9aMRddlYqaTTc90f+DN3ZnRm2p5' +
    'mH88u+pmkgybEPf3LZV5fZSUWsd6EG69CAImxCAYRP6gWVR+WYtrWFtkCI+zRUGl8TWuMPFeF/LDPtCY1AqIB+/Q8/z3H9Sm3IoCCOww3zZ52X' +
    '9Rm+Zxm+3fS9cDwhSUQ6i7o1+AfDjQLHCEzfj+KpYY5tj7IQ8PwECoVCoVAoFAqFQqFQ/PD5NYt4j/nGbAN74oEmetdTZovMVplK2Mvu4LmP2S' +
    'xiZmPVfBe93nGtceZYnhnW2h3SIa1mu3toO1a7M24f4BIASdyExtS0gHghdeIRkPtwTFwzcYHY0zCZBsLSGAh1JhSI497exWbgzNfNwBsCGUZB' +
    '4IR0hfpK2HPr8HueIJH9OF97Z3fA9/F746riLAJSs4ldjKnjfXJVUr1/Hu91H8/qeP8DjLect4m/Czgz4dIz9h2l/oecd6TJoz3BWDz3fD5RXs' +
    'wm5D7+kvsYryUDsKLrS3mlcqn1Ott3lVHfN1M1OJgIEgAA',
);

/**
 * That auditor: it leaves /tmp/loaded-as-root, or /tmp/loaded-as- where it is somebody else, and waits for ever where
 * /home/mallory/hang is there.
 *
 * Made with gcc -m32 -Os -nostdlib -shared -fPIC -s -Wl,-z,noseparate-code of a la_version(3) that calls getuid32, open,
 * access and pause with int 0x80.
 */
export const auditor = unpack(
  'H4sIAAAAAAACA+2YQWsTQRTH3yZpKG0hQfRYjRBppGTTpD0JHqSmXgRRUQtSw6S7dgPZ3bI7ESOUBoKHJeQbCB7Es54k9SBiRUENttoPUA8FQU' +
    'HBWD01znPfYhpy6VGY3/Lf2Zn3nze7s6c3q/nzc4qiQEBYXEFvRqgWD54TMAQpGIUR+Of2eaf4GsKO8GP8XkzomC8NfEUpHuqLz4MvjEeELu5w' +
    'DQYQ9afDJREflB/n4tohalH4TjVxAfV/tX6n+vPieELcVkV7CLOUWeGW7rgl24LPdzDJ+6MAV9Ywl7dz7WpzZfty8/GLT91u/WvSy2+0XovAj4' +
    'feW+9Nu3b3OY+8yn+DFrrXzohbc2H76RORvl1rrGxkP7SOY5rN5v1HIgH6K7Fn4zj03fvobbZrX3Yb+eH6y+T1G4WF9UYkuZ4xbFPPmKxctp1q' +
    'xmDWEmS4uZwp20zTtTRz045tc5BIJBKJRCKRSCQSyf/Kz72uvUU17GHFr387QiNCY0KjVA8fFKyZA87Nzp5KpM7qxRKzEtmcmlOn0tmZSU0vZn' +
    'OV7EkaAlBdw+UOZ0VQl6yKajDXAFWrWm7V9FvugMr12xxUx9YYZ6DqRuGmw0z9b5yZpUUx1ebqcll4Fm3T1K0DFK34rbvdro21/RYpQbU+UO2P' +
    'OkLeEO1Vh3xhqvMjtGfjNBaivUWN9Z0JICfoOUpnBKj6AN8kPeeEHii+Jvp8qOmeM4rg3KSXCLWnac0w/S8875infuAbFpqjfDjeEb5ObP93BP' +
    'tygXxTQSA++P2UnjWQibi/bv/3/gGzUAMiOBIAAA==',
);

function unpack(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'));
}
