package io.ringfence.scheduler.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * The scheduler's system calls of the control path. Any thread may call them for any thread. Setters return 0 or the
 * error number: what a refusal means depends on the caller.
 */
public final class SchedulerCalls {
    public static final int EPERM = Libc.EPERM;
    public static final int ESRCH = Libc.ESRCH;
    public static final int EBUSY = Libc.EBUSY;
    public static final int EINVAL = Libc.EINVAL;

    /** The kernel refuses masks shorter than its own; 1024 CPUs is glibc's cpu_set_t. */
    private static final int CPU_MASK_BYTES = 1024;

    private static final long SETATTR = SystemCallNumbers.OF_THIS_MACHINE.schedSetattr();
    private static final long GETATTR = SystemCallNumbers.OF_THIS_MACHINE.schedGetattr();

    private SchedulerCalls() {}

    /** {@code sched_setattr(2)}; returns 0 or the error number. */
    public static int setAttributes(int threadId, SchedAttr attributes) {
        try {
            Libc.syscall(SETATTR, threadId, attributes.encode(), 0);
            return 0;
        } catch (LastErrorException refused) {
            return refused.getErrorCode();
        }
    }

    /** {@code sched_getattr(2)}; throws if there is no such thread. */
    public static SchedAttr getAttributes(int threadId) {
        ByteBuffer attributes = SchedAttr.buffer();
        try {
            Libc.syscall(GETATTR, threadId, attributes, SchedAttr.SIZE_BYTES, 0);
        } catch (LastErrorException refused) {
            throw new IllegalArgumentException("cannot read the scheduling of thread " + threadId + ": error "
                    + refused.getErrorCode() + (refused.getErrorCode() == ESRCH ? " (no such thread)" : ""));
        }
        return SchedAttr.decode(attributes);
    }

    /** {@code sched_setaffinity(2)}; returns 0 or the error number. */
    public static int setAffinity(int threadId, BitSet cpus) {
        ByteBuffer mask = ByteBuffer.allocateDirect(CPU_MASK_BYTES).order(ByteOrder.nativeOrder());
        mask.duplicate().put(cpus.toByteArray());
        try {
            Libc.sched_setaffinity(threadId, CPU_MASK_BYTES, mask);
            return 0;
        } catch (LastErrorException refused) {
            return refused.getErrorCode();
        }
    }

    /** {@code sched_getaffinity(2)}; an empty set if there is no such thread. */
    public static BitSet getAffinity(int threadId) {
        ByteBuffer mask = ByteBuffer.allocateDirect(CPU_MASK_BYTES).order(ByteOrder.nativeOrder());
        try {
            int bytes = Libc.sched_getaffinity(threadId, CPU_MASK_BYTES, mask);
            // glibc's wrapper returns 0 and zero-fills, the raw call returns the bytes filled.
            return BitSet.valueOf(bytes == 0 ? mask : mask.limit(bytes));
        } catch (LastErrorException gone) {
            return new BitSet();
        }
    }

    /**
     * {@code prctl(PR_SET_TIMERSLACK)} of the calling thread; returns 0 or the error number. SCHED_OTHER sleeps get 50
     * us of slack otherwise; DEADLINE and FIFO threads have none.
     */
    public static int setTimerSlack(long nanos) {
        try {
            Libc.prctl(Libc.PR_SET_TIMERSLACK, nanos, 0, 0, 0);
            return 0;
        } catch (LastErrorException refused) {
            return refused.getErrorCode();
        }
    }

    /** {@code mlockall(MCL_CURRENT | MCL_FUTURE)}: no page of the process is swapped out; 0 or the error number. */
    public static int lockAllMemory() {
        try {
            Libc.mlockall(Libc.MCL_CURRENT | Libc.MCL_FUTURE);
            return 0;
        } catch (LastErrorException refused) {
            return refused.getErrorCode();
        }
    }

    /**
     * {@code mmap(MAP_PRIVATE | MAP_ANONYMOUS)}: zeroed pages, each there from the first access on; its address.
     *
     * @throws IllegalStateException if the kernel refuses
     */
    public static long mapAnonymous(long lengthBytes) {
        try {
            return Pointer.nativeValue(
                    Libc.mmap(0, lengthBytes, Libc.PROT_READ_WRITE, Libc.MAP_PRIVATE_ANONYMOUS, -1, 0));
        } catch (LastErrorException refused) {
            throw new IllegalStateException(
                    "mmap of %d bytes failed with error %d; free memory or raise vm.max_map_count"
                            .formatted(lengthBytes, refused.getErrorCode()),
                    refused);
        }
    }

    /** {@code munmap(2)} of what was mapped. */
    public static void unmap(long address, long lengthBytes) {
        Libc.munmap(address, lengthBytes);
    }
}
