package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.Guest.Part;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the victim's neighbours do. */
enum Aggressor {
    NONE("none", "Nothing: how far two runs alone differ"),
    FLOOD_64("flood-64", "Flood of 64-byte frames"),
    FLOOD_64X2("flood-64x2", "Floods of 64-byte frames between two VMs, both ways"),
    FLOOD_64X4("flood-64x4", "Floods of 64-byte frames between four VMs, in pairs, both ways"),
    FLOOD_64X8("flood-64x8", "Floods of 64-byte frames between eight VMs, in pairs, both ways"),
    FLOOD_1514("flood-1514", "Flood of 1514-byte frames"),
    TSO("tso", "Flood of TCP frames of 64 KiB at a sink that takes them whole"),
    TSO_CUT("tso-cut", "Flood of TCP frames of 64 KiB at a sink for which each is cut into 45 packets in software"),
    DEAR("dear", "Flood of frames of 300 bytes in %d descriptors each".formatted(Guest.DEAR_DESCRIPTORS)),
    BOTH("both", "Floods of 64-byte frames and of such dear frames at once, from two VMs"),
    AIMED("aimed", "Flood of 64-byte frames at the victim's receiver"),
    ODD("odd", "Flood of frames with bytes of their headers, and of their requests for offloads, changed at random"),
    WITHHOLD("withhold", "Flood of 64-byte frames at a receiver that posts no buffers"),
    KICKS("kicks", "Kicks without frames, as fast as they can be sent"),
    REATTACH("reattach", "Session ended and begun anew, 50 times a second"),
    REMAP("remap", "Memory region added and removed, 200 times a second"),
    HOGS("hogs", "Busy processes of the host, three of them bound to the CPU of the switch"),
    GARBAGE("garbage", "400 MB/s of garbage and a forced safepoint every 5 ms, inside Ringfence's JVM");

    private final String word;
    private final String title;

    Aggressor(String word, String title) {
        this.word = word;
        this.title = title;
    }

    /** The VMs beside which it is measured. */
    Company company() {
        return switch (this) {
            case FLOOD_64X2 -> Company.ofAggressors(2);
            case FLOOD_64X4 -> Company.ofAggressors(4);
            case FLOOD_64X8 -> Company.ofAggressors(8);
            case TSO -> Company.LARGE;
            case TSO_CUT -> Company.CUT;
            case ODD -> Company.ODD;
            default -> Company.MIXED;
        };
    }

    /** Who does what; all others only receive. */
    private Map<Part, Assignment> acting() {
        return switch (this) {
            case NONE, HOGS, GARBAGE -> Map.of();
            case FLOOD_64, FLOOD_64X2, FLOOD_64X4, FLOOD_64X8 -> Map.of(Part.AGGRESSOR, flood(64));
            case FLOOD_1514 -> Map.of(Part.AGGRESSOR, flood(1514));
            case TSO, TSO_CUT -> Map.of(Part.LARGE, flood(LargeFrame.LENGTH_BYTES));
            case DEAR -> Map.of(Part.DEAR, flood(300));
            case BOTH -> Map.of(Part.AGGRESSOR, flood(64), Part.DEAR, flood(300));
            case AIMED -> Map.of(Part.AGGRESSOR, flood(64).towards(Vm.address(Company.RECEIVER)));
            case ODD -> Map.of(Part.ODD, Assignment.of(new Role.Odd()));
            case WITHHOLD -> Map.of(Part.AGGRESSOR, flood(64), Part.SINK, Assignment.of(new Role.Withhold()));
            case KICKS -> acts(new Role.Kicks(0));
            case REATTACH -> acts(new Role.Reattach(50));
            case REMAP -> acts(new Role.Remap(200));
        };
    }

    private static Assignment flood(int lengthBytes) {
        return Assignment.of(new Role.Flood(lengthBytes));
    }

    private static Map<Part, Assignment> acts(Role role) {
        return Map.of(Part.AGGRESSOR, Assignment.of(role));
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    /** Whether it acts by what it sends, rather than beside the switch or in it. */
    boolean isVm() {
        return this != HOGS && this != GARBAGE;
    }

    /** Whether Ringfence is to be better there than a polling thread: several VMs act, or frames are dear. */
    boolean isContest() {
        return switch (this) {
            case FLOOD_64X2, FLOOD_64X4, FLOOD_64X8, DEAR, BOTH -> true;
            default -> false;
        };
    }

    /** Whether its guests leave checksums and cutting to others, for which the other switches are not set up here. */
    boolean isOffloading() {
        return this == TSO || this == TSO_CUT || this == ODD;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /**
     * The roles of all guests while this one acts, in their order.
     *
     * @param company its own, or any if it is nobody's doing
     * @param victim what the victim does
     * @param fromSeconds when in the run it starts
     */
    List<Assignment> assignments(Company company, Role.Stream victim, double fromSeconds) {
        Map<Part, Assignment> acting = acting();
        List<Assignment> assignments = new ArrayList<>();
        for (Guest guest : company.guests()) {
            assignments.add(
                    switch (guest.part()) {
                        case VICTIM -> Assignment.of(victim).whileObserved();
                        case RECEIVER -> Assignment.of(new Role.Sink()).whileObserved();
                        default ->
                            acting.getOrDefault(guest.part(), Assignment.of(new Role.Sink()))
                                    .from(fromSeconds);
                    });
        }
        return assignments;
    }
}
