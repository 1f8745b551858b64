package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Request;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Memory that no front-end may share. */
final class BadMemory {
    private BadMemory() {}

    static Stream<Misbehaviour> all() {
        long user = SharedMemory.USER;
        long guest = SharedMemory.GUEST;
        long length = SharedMemory.LENGTH;
        return Stream.of(
                new Misbehaviour("shares no memory", f -> f.raw(table(0, 8)), "SET_MEM_TABLE (5) names 0 regions"),
                new Misbehaviour(
                        "shares more regions than it describes",
                        f -> f.raw(table(2, 40), f.memory.fd),
                        "SET_MEM_TABLE (5) names 2 regions in 40 bytes"),
                new Misbehaviour(
                        "shares a region without a descriptor",
                        f -> f.send(Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region()))),
                        "SET_MEM_TABLE (5) came with 0 file descriptors, expected 1"),
                new Misbehaviour(
                        "shares an empty region",
                        f -> f.share(new Region(guest, 0, user, 0)),
                        "must be positive 63-bit numbers"),
                new Misbehaviour(
                        "shares a region that wraps",
                        f -> f.share(new Region(-0x1000, length, user, 0)),
                        "wrap around"),
                new Misbehaviour(
                        "shares a region whose offset wraps",
                        f -> f.share(new Region(guest, length, user, Long.MAX_VALUE - 0xfff)),
                        "must be positive 63-bit numbers"),
                new Misbehaviour(
                        "shares a region beyond its file",
                        f -> f.share(new Region(guest, length, user, 0x1000)),
                        "ends beyond the file"),
                new Misbehaviour(
                        "shares more memory than there is address space for",
                        f -> {
                            long third = GuestMemory.MAX_BYTES / 3;
                            f.negotiate().memory.resize(third + 1);
                            for (long address = 0; address < 4 * third; address += third + 1) {
                                f.send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(address, third + 1, address, 0)),
                                        f.memory.fd);
                            }
                        },
                        "ADD_MEM_REG (37) adds a region of 0x5555555556 bytes to 0xaaaaaaaaac, expected at most 0x10000000000"),
                new Misbehaviour(
                        "shares overlapping regions",
                        f -> f.send(
                                Request.SET_MEM_TABLE,
                                new MemoryTable(
                                        List.of(SharedMemory.region(), new Region(guest + length - 1, 0x1000, 0, 0))),
                                f.memory.fd,
                                f.memory.fd),
                        "overlaps"),
                new Misbehaviour(
                        "adds a region again from another place in its file",
                        f -> f.negotiate()
                                .send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(guest, 0x1000, user, 0)),
                                        f.memory.fd)
                                .send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(guest, 0x1000, user, 0x1000)),
                                        f.memory.fd),
                        "overlaps"),
                new Misbehaviour(
                        "shares a socket as memory",
                        f -> f.send(
                                Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region())), f.socket.fd()),
                        "SET_MEM_TABLE (5): expected a memfd or a file of tmpfs or hugetlbfs"),
                new Misbehaviour(
                        "shares an eventfd as memory",
                        f -> f.send(
                                Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region())), f.kick.fd()),
                        "found a descriptor of anon_inode:[eventfd]"),
                new Misbehaviour(
                        "removes a region that it never added",
                        f -> f.negotiate().send(Request.REM_MEM_REG, new SingleRegion(SharedMemory.region())),
                        "REM_MEM_REG (38) names guest=0x40000000"),
                new Misbehaviour(
                        "adds more regions than there are slots",
                        f -> {
                            f.negotiate();
                            for (int i = 0; i <= MemoryRequests.MAX_SLOTS; i++) {
                                f.send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(0x1000L * i, 0x1000, 0x1000L * i, 0)),
                                        f.memory.fd);
                            }
                        },
                        "ADD_MEM_REG (37) adds region 65, expected at most 64"));
    }

    /** A SET_MEM_TABLE of any count and length. */
    private static ByteBuffer table(int count, int length) {
        Region[] regions = new Region[(length - 8) / 32];
        Arrays.fill(regions, SharedMemory.region());
        ByteBuffer message =
                MessageCodec.encode(Message.request(Request.SET_MEM_TABLE, new MemoryTable(List.of(regions))));
        return message.putInt(12, count);
    }
}
