package io.ringfence.vhostuser.memory;

import io.ringfence.vhostuser.linux.Libc;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Brings guest memory that is in RAM already into the page tables of this process, so that workers need not: each page costs who
 * touches it first half a microsecond to twenty, by host, and a working set of a megabyte a small reservation many periods.
 *
 * <p>A thread of its own does it, while the session goes on, one region after the other. It is a head start and no promise: what
 * the guest has never touched stays as it is, for to bring that in would be to give the guest all of its memory at once.
 */
public final class Population {
    private static final ThreadPoolExecutor EXECUTOR = new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("vhost-user-populate").factory());

    static {
        EXECUTOR.allowCoreThreadTimeOut(true);
    }

    private Population() {}

    /** Begins with a region, which may be closed at any time. Any thread. */
    public static void begin(MemoryRegion region) {
        EXECUTOR.execute(() -> populate(region));
    }

    private static void populate(MemoryRegion region) {
        int file = region.openAgain();
        if (file < 0) {
            return;
        }
        try {
            // Of hugetlbfs mincore(2) knows only what is mapped; its pages are few.
            if (Libc.blockSize(file) == Libc.getpagesize()) {
                long offset = 0;
                while (offset >= 0) {
                    offset = region.populate(file, offset);
                }
            }
        } finally {
            Libc.close(file);
        }
    }
}
