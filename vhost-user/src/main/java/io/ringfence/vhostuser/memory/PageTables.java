package io.ringfence.vhostuser.memory;

import io.ringfence.vhostuser.linux.Libc;

/** What the kernel says of the pages of a mapping, and has it do about them: madvise(2), mincore(2). Any thread. */
final class PageTables {
    private static final int MADV_POPULATE_READ = 22;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int EFAULT = 14;
    private static final int EHWPOISON = 133;
    private static final int IN_RAM = 1;

    private PageTables() {}

    /** Whether an access to this range would fault now. Brings the pages in where it can; never before Linux 5.14, which cannot say. */
    static boolean wouldFault(long address, long lengthBytes, boolean write) {
        if (populate(
                address & -Libc.getpagesize(),
                address + lengthBytes,
                write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ)) {
            return false;
        }
        int reason = Libc.errno();
        return reason == EFAULT || reason == EHWPOISON;
    }

    /**
     * Brings those pages of a range into the page tables that are in RAM; false if the kernel cannot (before Linux 5.14), or
     * some of them have gone meanwhile.
     *
     * @param address of a page
     */
    static boolean mapWhatIsInRam(long address, long lengthBytes) {
        int page = Libc.getpagesize();
        byte[] pages = new byte[Math.toIntExact((lengthBytes + page - 1) / page)];
        boolean done = Libc.mincore(address, lengthBytes, pages) == 0;
        for (int from = 0; from < pages.length && done; from++) {
            int to = from;
            while (to < pages.length && (pages[to] & IN_RAM) != 0) {
                to++;
            }
            if (to > from) {
                done = populate(address + (long) from * page, address + (long) to * page, MADV_POPULATE_READ);
                from = to;
            }
        }
        return done;
    }

    private static boolean populate(long start, long end, int advice) {
        return Libc.madvise(start, end - start, advice) == 0;
    }
}
