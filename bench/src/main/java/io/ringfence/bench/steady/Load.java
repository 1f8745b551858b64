package io.ringfence.bench.steady;

import static java.util.Map.entry;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Role;
import io.ringfence.config.MacAddress;
import java.util.List;
import java.util.Map;

/** What the VMs do at the same time: each makes workers take other ways through their code. */
enum Load {
    PAIR_64("pair-64", "two VMs flood each other with frames of 64 bytes"),
    PAIR_1514("pair-1514", "the same with 1514 bytes"),
    DEAR(
            "dear",
            "frames of 300 bytes in 250 descriptors of an indirect table, and in chains of four, beside plain ones"),
    AIMED("aimed", "four VMs flood one receiver"),
    NARROW("narrow", "a flood at receive buffers of one byte a descriptor, beside a stream"),
    WITHHOLD("withhold", "two floods at a receiver that posts no buffers"),
    LIMITED("limited", "a flood above the VM's limit, beside a stream"),
    GROUP("group", "frames to everybody, and to an address that nobody has"),
    TRICKLE("trickle", "every VM sends 1000 frames a second to the next"),
    KICKS("kicks", "kicks without frames, beside a stream"),
    REST("rest", "nothing");

    private static final MacAddress EVERYBODY = MacAddress.parse("ff:ff:ff:ff:ff:ff");
    private static final MacAddress NOBODY = MacAddress.parse("52:54:00:00:00:99");
    private static final Assignment RECEIVES = Assignment.of(new Role.Sink());

    private final String word;
    private final String title;

    Load(String word, String title) {
        this.word = word;
        this.title = title;
    }

    /** As reports call it. */
    String word() {
        return word;
    }

    /** What it is. */
    String title() {
        return title;
    }

    /** Whether VMs send frames. */
    boolean sends() {
        return this != REST;
    }

    /** Whether some of these frames are sent to a VM that takes them: not what is withheld, nor what is for everybody or nobody. */
    boolean isReceived() {
        return sends() && this != WITHHOLD && this != GROUP;
    }

    /** The roles of all VMs, in their order. */
    List<Assignment> assignments() {
        Map<Guest, Assignment> acting = acting();
        return Guest.all().stream()
                .map(guest -> acting.getOrDefault(guest, RECEIVES))
                .toList();
    }

    private Map<Guest, Assignment> acting() {
        return switch (this) {
            case PAIR_64 -> pair(64);
            case PAIR_1514 -> pair(1514);
            case DEAR ->
                Map.ofEntries(
                        entry(Guest.DEAR, flood(300, Guest.SINK)),
                        entry(Guest.CHAINED, flood(300, Guest.BOB)),
                        entry(Guest.ALICE, flood(300, Guest.CHAINED)));
            case AIMED ->
                Map.ofEntries(
                        entry(Guest.ALICE, flood(64, Guest.SINK)),
                        entry(Guest.BOB, flood(300, Guest.SINK)),
                        entry(Guest.CHAINED, flood(64, Guest.SINK)),
                        entry(Guest.LIMITED, flood(64, Guest.SINK)));
            case NARROW ->
                Map.ofEntries(
                        entry(Guest.ALICE, flood(200, Guest.NARROW)), entry(Guest.BOB, stream(20_000, Guest.SINK)));
            case WITHHOLD ->
                Map.ofEntries(
                        entry(Guest.SINK, Assignment.of(new Role.Withhold())),
                        entry(Guest.ALICE, flood(64, Guest.SINK)),
                        entry(Guest.BOB, flood(1514, Guest.SINK)));
            case LIMITED ->
                Map.ofEntries(
                        entry(Guest.LIMITED, flood(300, Guest.BOB)), entry(Guest.BOB, stream(20_000, Guest.ALICE)));
            case GROUP ->
                Map.ofEntries(
                        entry(
                                Guest.ALICE,
                                Assignment.of(new Role.Stream(20_000, 64)).towards(EVERYBODY)),
                        entry(
                                Guest.BOB,
                                Assignment.of(new Role.Stream(20_000, 300)).towards(NOBODY)));
            case TRICKLE ->
                Map.ofEntries(
                        entry(Guest.ALICE, stream(1_000, Guest.BOB)),
                        entry(Guest.BOB, stream(1_000, Guest.DEAR)),
                        entry(
                                Guest.DEAR,
                                Assignment.of(new Role.Stream(1_000, 300)).towards(Guest.CHAINED.mac())),
                        entry(Guest.CHAINED, stream(1_000, Guest.LIMITED)),
                        entry(Guest.LIMITED, stream(1_000, Guest.NARROW)),
                        entry(Guest.NARROW, stream(1_000, Guest.SINK)),
                        entry(Guest.SINK, stream(1_000, Guest.ALICE)));
            case KICKS ->
                Map.ofEntries(
                        entry(Guest.ALICE, Assignment.of(new Role.Kicks(0))),
                        entry(Guest.BOB, stream(20_000, Guest.SINK)));
            case REST -> Map.of();
        };
    }

    private static Map<Guest, Assignment> pair(int lengthBytes) {
        return Map.ofEntries(
                entry(Guest.ALICE, flood(lengthBytes, Guest.BOB)), entry(Guest.BOB, flood(lengthBytes, Guest.ALICE)));
    }

    private static Assignment flood(int lengthBytes, Guest to) {
        return Assignment.of(new Role.Flood(lengthBytes)).towards(to.mac());
    }

    private static Assignment stream(int perSecond, Guest to) {
        return Assignment.of(new Role.Stream(perSecond, 64)).towards(to.mac());
    }
}
