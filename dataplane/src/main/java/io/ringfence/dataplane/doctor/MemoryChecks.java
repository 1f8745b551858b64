package io.ringfence.dataplane.doctor;

/** Pages. */
final class MemoryChecks {
    private static final String THP = "/sys/kernel/mm/transparent_hugepage/enabled";
    private static final String MEMINFO = "/proc/meminfo";

    private MemoryChecks() {}

    static Finding transparentHugepages(Host host) {
        String modes = host.files().read(THP).orElse("");
        if (modes.contains("[always]")) {
            return Finding.warning(
                    "always: the kernel moves and splits pages of guests and JVM in the middle of their work",
                    "echo madvise > " + THP);
        }
        return Finding.ok(modes.isEmpty() ? "this kernel has none" : modes.replaceAll(".*\\[(\\w+)\\].*", "$1"));
    }

    static Finding hugepages(Host host) {
        long total = count(host, "HugePages_Total");
        long free = count(host, "HugePages_Free") - count(host, "HugePages_Rsvd");
        String size = host.files().field(MEMINFO, "Hugepagesize").orElse("of an unknown size");
        if (total == 0) {
            return Finding.ok("none reserved; guests with ordinary memory (memfd) work as well");
        }
        if (free <= 0) {
            return Finding.warning(
                    "all " + total + " of " + size + " are in use: a guest that touches one more dies",
                    "echo " + 2 * total + " > /proc/sys/vm/nr_hugepages");
        }
        return Finding.ok(free + " of " + total + " free, " + size + " each");
    }

    private static long count(Host host, String field) {
        return host.files()
                .field(MEMINFO, field)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .orElse(0L);
    }
}
