package io.ringfence.scheduler.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * {@code struct sched_attr}, version 0 (48 bytes), of include/uapi/linux/sched/types.h.
 *
 * @param policy SCHED_OTHER 0, SCHED_FIFO 1, SCHED_IDLE 5, SCHED_DEADLINE 6
 * @param flags SCHED_FLAG_* bits
 * @param nice SCHED_OTHER only
 * @param priority 1 to 99 for SCHED_FIFO; must be 0 for SCHED_DEADLINE
 */
public record SchedAttr(
        int policy, long flags, int nice, int priority, long runtimeNanos, long deadlineNanos, long periodNanos) {
    public static final int SCHED_OTHER = 0;
    public static final int SCHED_FIFO = 1;
    public static final int SCHED_IDLE = 5;
    public static final int SCHED_DEADLINE = 6;
    public static final long SCHED_FLAG_RESET_ON_FORK = 1;
    public static final long SCHED_FLAG_RECLAIM = 2;
    public static final long SCHED_FLAG_DL_OVERRUN = 4;

    static final int SIZE_BYTES = 48;

    ByteBuffer encode() {
        return buffer().putInt(SIZE_BYTES)
                .putInt(policy)
                .putLong(flags)
                .putInt(nice)
                .putInt(priority)
                .putLong(runtimeNanos)
                .putLong(deadlineNanos)
                .putLong(periodNanos)
                .flip();
    }

    static SchedAttr decode(ByteBuffer attributes) {
        return new SchedAttr(
                attributes.getInt(4),
                attributes.getLong(8),
                attributes.getInt(16),
                attributes.getInt(20),
                attributes.getLong(24),
                attributes.getLong(32),
                attributes.getLong(40));
    }

    static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(SIZE_BYTES).order(ByteOrder.nativeOrder());
    }
}
