package io.ringfence.scheduler.linux;

import java.util.BitSet;

/** The kernel's list format for CPUs and memory nodes, such as {@code 0-3,7}. */
public final class CpuList {
    private CpuList() {}

    /** Parses a list; an empty text is the empty set. */
    public static BitSet parse(String text) {
        BitSet cpus = new BitSet();
        if (text.isBlank()) {
            return cpus;
        }
        for (String part : text.strip().split(",", -1)) {
            int dash = part.indexOf('-');
            try {
                int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
                int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
                cpus.set(first, last + 1);
            } catch (NumberFormatException | IndexOutOfBoundsException malformed) {
                throw new IllegalArgumentException("'" + text + "' is no CPU list such as 0-3,7", malformed);
            }
        }
        return cpus;
    }

    /** Formats a set the way the kernel does. */
    public static String format(BitSet cpus) {
        StringBuilder text = new StringBuilder();
        for (int first = cpus.nextSetBit(0); first >= 0; ) {
            int end = cpus.nextClearBit(first);
            text.append(text.isEmpty() ? "" : ",").append(first);
            if (end - first > 1) {
                text.append('-').append(end - 1);
            }
            first = cpus.nextSetBit(end);
        }
        return text.toString();
    }

    /** The set that holds one CPU. */
    public static BitSet of(int cpu) {
        BitSet cpus = new BitSet();
        cpus.set(cpu);
        return cpus;
    }
}
