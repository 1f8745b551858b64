package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Request;
import java.util.stream.Stream;

/** Rings that no front-end may ask for, and what it may not do to running ones. */
final class BadRings {
    private BadRings() {}

    static Stream<Misbehaviour> all() {
        long user = SharedMemory.USER;
        long guest = SharedMemory.GUEST;
        long length = SharedMemory.LENGTH;
        return Stream.of(
                new Misbehaviour(
                        "names a ring beyond the last",
                        f -> f.vring(Request.SET_VRING_NUM, 4, 256),
                        "SET_VRING_NUM (8) names ring 4, expected 0 to 3"),
                new Misbehaviour(
                        "names a ring whose low bits exist",
                        f -> f.vring(Request.SET_VRING_BASE, 0x10000, 0),
                        "names ring 65536, expected 0 to 3"),
                new Misbehaviour(
                        "names a negative ring",
                        f -> f.vring(Request.GET_VRING_BASE, 1 << 31, 0),
                        "names ring 2147483648, expected 0 to 3"),
                new Misbehaviour(
                        "kicks a ring beyond the last",
                        f -> f.u64(Request.SET_VRING_KICK, 255, f.kick.fd()),
                        "SET_VRING_KICK (12) names ring 255"),
                new Misbehaviour(
                        "kicks with unknown bits",
                        f -> f.u64(Request.SET_VRING_KICK, 0x10000, f.kick.fd()),
                        "SET_VRING_KICK (12) has payload 0x10000"),
                new Misbehaviour(
                        "makes a ring of no entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 0),
                        "sets the size of ring 0 to 0, expected a power of two"),
                new Misbehaviour(
                        "makes a ring of three entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 3),
                        "sets the size of ring 0 to 3"),
                new Misbehaviour(
                        "makes a ring of 65536 entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 65536),
                        "sets the size of ring 0 to 65536"),
                new Misbehaviour(
                        "resizes a running ring",
                        f -> f.start().vring(Request.SET_VRING_NUM, 0, 128),
                        "SET_VRING_NUM (8) names ring 0, which runs"),
                new Misbehaviour(
                        "sets a base of 17 bits",
                        f -> f.vring(Request.SET_VRING_BASE, 0, 0x10000),
                        "expected a 16-bit available index"),
                new Misbehaviour(
                        "enables a ring twice over",
                        f -> f.vring(Request.SET_VRING_ENABLE, 0, 2),
                        "SET_VRING_ENABLE (18) of ring 0 has 2, expected 0 or 1"),
                new Misbehaviour(
                        "asks for logging of a ring",
                        f -> f.send(Request.SET_VRING_ADDR, new VringAddress(0, 1, user, user, user, 0)),
                        "has flags 0x1, expected 0: logging was not offered"),
                new Misbehaviour(
                        "puts a ring across the end of memory",
                        f -> startRingAt(f, user + length - 0x1000),
                        "queue 0: available ring: user address"),
                new Misbehaviour(
                        "puts a ring where it is misaligned",
                        f -> startRingAt(f, user + 8),
                        "queue 0: descriptor table at 0x7f0000000008 is not aligned to 16 bytes"),
                new Misbehaviour(
                        "moves a running ring out of memory",
                        f -> f.start().send(Request.SET_VRING_ADDR, new VringAddress(0, 0, 0, 0, 0, 0)),
                        "queue 0: descriptor table: user address 0x0"),
                new Misbehaviour(
                        "takes the memory from under running rings",
                        f -> f.start().share(new Region(guest, 0x1000, user, 0)),
                        "is not wholly inside"),
                new Misbehaviour(
                        "truncates the memory of a ring before it starts",
                        f -> {
                            f.negotiate().shareMemory();
                            f.get(Request.GET_STATUS);
                            f.memory.truncate();
                            f.startRing(0);
                        },
                        "truncated"));
    }

    private static void startRingAt(ScriptedFrontEnd frontEnd, long descriptors) throws Exception {
        frontEnd.negotiate()
                .shareMemory()
                .vring(Request.SET_VRING_NUM, 0, 256)
                .send(
                        Request.SET_VRING_ADDR,
                        new VringAddress(0, 0, descriptors, descriptors + 0x2000, descriptors + 0x1000, 0))
                .u64(Request.SET_VRING_KICK, 0, frontEnd.kick.fd());
    }
}
