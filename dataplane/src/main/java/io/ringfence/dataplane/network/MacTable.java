package io.ringfence.dataplane.network;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which member of a network an address belongs to: learned, bounded, aged; shared by all its workers without locks.
 *
 * <p>A table of buckets of eight slots, a cache line each. A slot is one 64-bit value, address in the high 48 bits, member + 1
 * in the low 15, and between them whether it is there for good, so that a reader sees all or nothing; changes are
 * compare-and-set. An address may for a moment be in two slots of its bucket (two workers learn it at once): the first one
 * found counts, ageing removes the other. Any worker may look up and learn; everything else is for one control thread at a
 * time.
 */
public final class MacTable {
    /** What {@link #lookup} says of an address that it does not know. */
    public static final int UNKNOWN = -1;

    private static final int SLOTS_PER_BUCKET = 8;
    private static final int MEMBER_BITS = 16;
    /** In a slot: given to its member for good. Part of the one value, so that nobody sees one without the other. */
    private static final long PERMANENT = 1L << (MEMBER_BITS - 1);

    private static final long MEMBER_MASK = PERMANENT - 1;
    private static final long EMPTY = 0;

    private final AtomicLongArray slots;
    private final AtomicLongArray seenNanos;
    private final AtomicIntegerArray learned;
    /** Changes after every change of a slot, so that a remembered answer can be told from a stale one. */
    private final AtomicInteger version = new AtomicInteger();

    /**
     * Odd, and no guest's to know: else a guest could choose addresses that fill a victim's bucket. With the product's
     * top bits as the bucket, any two addresses share one with a probability of at most 2 / buckets (Dietzfelbinger et
     * al., "A reliable randomized algorithm for the closest-pair problem", 1997).
     */
    private final long multiplier = new SecureRandom().nextLong() | 1;

    private final int bucketShift;
    private final int members;
    private final int limitPerMember;

    /**
     * @param members how many members the network has
     * @param limitPerMember the most addresses to learn behind one member
     */
    public MacTable(int members, int limitPerMember) {
        // Twice the room that all limits together need, so that a bucket is rarely full.
        int buckets = Integer.highestOneBit(Math.max(16, members * limitPerMember * 2 / SLOTS_PER_BUCKET) * 2 - 1);
        slots = new AtomicLongArray(buckets * SLOTS_PER_BUCKET);
        seenNanos = new AtomicLongArray(buckets * SLOTS_PER_BUCKET);
        learned = new AtomicIntegerArray(members);
        bucketShift = Long.SIZE - Integer.numberOfTrailingZeros(buckets);
        this.members = members;
        this.limitPerMember = limitPerMember;
    }

    /**
     * A table for more members or with another limit, which knows what this one knows now. What is learned here meanwhile,
     * by workers that still use this one, they learn there again.
     */
    public MacTable resized(int newMembers, int newLimit) {
        MacTable table = new MacTable(newMembers, newLimit);
        for (int i = 0; i < slots.length(); i++) {
            long slot = slots.get(i);
            if (isPermanent(slot)) {
                table.assign(slot >>> MEMBER_BITS, memberIn(slot));
            } else if (slot != EMPTY) {
                table.learn(slot >>> MEMBER_BITS, memberIn(slot), seenNanos.get(i));
            }
        }
        return table;
    }

    /** How many members there is room for. */
    public int members() {
        return members;
    }

    /** The most addresses to learn behind one member. */
    public int limitPerMember() {
        return limitPerMember;
    }

    /** What {@link #lookup} answered stays true while this stays the same; to be read before the lookup. */
    public int version() {
        return version.getAcquire();
    }

    /** Member to which an address belongs, or {@link #UNKNOWN}. */
    public int lookup(long address) {
        int base = bucket(address);
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            long slot = slots.getAcquire(i);
            if (slot >>> MEMBER_BITS == address && slot != EMPTY) {
                return memberIn(slot);
            }
        }
        return UNKNOWN;
    }

    private static int memberIn(long slot) {
        return (int) (slot & MEMBER_MASK) - 1;
    }

    private static boolean isPermanent(long slot) {
        return (slot & PERMANENT) != 0;
    }

    /**
     * Gives an address to a member for good: it is neither aged nor learned elsewhere. Whoever had learned it forgets it.
     */
    public void assign(long address, int member) {
        int base = bucket(address);
        long wanted = entry(address, member) | PERMANENT;
        int place = take(base, wanted);
        while (place < 0) {
            forgetOneLearned(base);
            place = take(base, wanted);
        }
        version.incrementAndGet();
        // A worker that learns it now writes first and looks second, too: one of the two removes what it wrote.
        forgetOthers(base, address, place);
    }

    /** Puts a permanent entry into a free slot of a bucket; -1 if there is none. Workers learn meanwhile. */
    private int take(int base, long wanted) {
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            if (slots.compareAndSet(i, EMPTY, wanted)) {
                return i;
            }
        }
        return -1;
    }

    private void forgetOthers(int base, long address, int except) {
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            long slot = slots.get(i);
            if (i != except && slot >>> MEMBER_BITS == address && slot != EMPTY) {
                forget(i, slot);
            }
        }
    }

    private void forgetOneLearned(int base) {
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            if (!isPermanent(slots.get(i))) {
                forget(i, slots.get(i));
                return;
            }
        }
        throw new IllegalStateException("MAC table has no room for a configured address");
    }

    /** What {@link #learn} did. */
    public enum Learned {
        /** The table knows the address behind this member now. */
        YES,
        /** No room in the table, or the member has as many addresses as it may. */
        FULL,
        /** The address belongs to another member by configuration. */
        FOREIGN
    }

    /** Notes that an address was seen behind a member. Any worker, for its own member. */
    public Learned learn(long address, int member, long nowNanos) {
        int base = bucket(address);
        long wanted = entry(address, member);
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            long slot = slots.get(i);
            if (slot >>> MEMBER_BITS == address && slot != EMPTY) {
                return refresh(i, slot, wanted, nowNanos);
            }
        }
        if (learned.get(member) >= limitPerMember) {
            return Learned.FULL;
        }
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            if (slots.get(i) == EMPTY && slots.compareAndSet(i, EMPTY, wanted)) {
                seenNanos.set(i, nowNanos);
                learned.incrementAndGet(member);
                version.incrementAndGet();
                return settled(base, i, wanted);
            }
        }
        return Learned.FULL;
    }

    /** Gives a new entry up if the address was assigned to another member meanwhile: see {@link #assign}. */
    private Learned settled(int base, int place, long entry) {
        for (int i = base; i < base + SLOTS_PER_BUCKET; i++) {
            long slot = slots.get(i);
            if (isPermanent(slot) && slot >>> MEMBER_BITS == entry >>> MEMBER_BITS) {
                forget(place, entry);
                return memberIn(slot) == memberIn(entry) ? Learned.YES : Learned.FOREIGN;
            }
        }
        return Learned.YES;
    }

    /** The address is known already: behind this member, or it moves here. */
    private Learned refresh(int i, long slot, long wanted, long nowNanos) {
        if (isPermanent(slot)) {
            return memberIn(slot) == memberIn(wanted) ? Learned.YES : Learned.FOREIGN;
        }
        if (slot == wanted) {
            seenNanos.setRelease(i, nowNanos);
            return Learned.YES;
        }
        int member = memberIn(wanted);
        if (learned.get(member) >= limitPerMember) {
            return Learned.FULL;
        }
        if (slots.compareAndSet(i, slot, wanted)) {
            seenNanos.set(i, nowNanos);
            learned.decrementAndGet(memberIn(slot));
            learned.incrementAndGet(member);
            version.incrementAndGet();
        }
        return Learned.YES;
    }

    /** Forgets the addresses that were last seen before this time. One control thread. */
    public void age(long beforeNanos) {
        for (int i = 0; i < slots.length(); i++) {
            long slot = slots.get(i);
            if (slot != EMPTY && !isPermanent(slot) && seenNanos.get(i) - beforeNanos < 0) {
                forget(i, slot);
            }
        }
    }

    /** Forgets what was learned behind a member: its VM has gone. One control thread. */
    public void forgetMember(int member) {
        for (int i = 0; i < slots.length(); i++) {
            long slot = slots.get(i);
            if (memberIn(slot) == member && !isPermanent(slot)) {
                forget(i, slot);
            }
        }
    }

    /** Forgets all addresses of a member, those given to it for good too: its index is to be another's. */
    public void vacate(int member) {
        for (int i = 0; i < slots.length(); i++) {
            long slot = slots.get(i);
            if (memberIn(slot) == member) {
                forget(i, slot);
            }
        }
    }

    private void forget(int i, long slot) {
        if (slot != EMPTY && slots.compareAndSet(i, slot, EMPTY)) {
            version.incrementAndGet();
            if (!isPermanent(slot)) {
                learned.decrementAndGet(memberIn(slot));
            }
        }
    }

    /** How many addresses are learned behind a member. */
    public int learned(int member) {
        return learned.get(member);
    }

    private int bucket(long address) {
        // Addresses often follow each other, and a multiplier by chance may put such a sequence into few buckets: mix.
        long mixed = address * 0x9e37_79b9_7f4a_7c15L;
        mixed ^= mixed >>> 32;
        return (int) ((mixed * multiplier) >>> bucketShift) * SLOTS_PER_BUCKET;
    }

    private static long entry(long address, int member) {
        return address << MEMBER_BITS | (member + 1);
    }
}
