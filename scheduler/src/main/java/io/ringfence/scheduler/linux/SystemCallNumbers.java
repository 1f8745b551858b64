package io.ringfence.scheduler.linux;

/** The numbers of the system calls that the C library has no function for: {@code asm/unistd.h}. */
record SystemCallNumbers(long schedSetattr, long schedGetattr, long futex) {
    /** Those of the machine that this JVM runs on. */
    static final SystemCallNumbers OF_THIS_MACHINE = of(System.getProperty("os.arch", ""));

    private static SystemCallNumbers of(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> new SystemCallNumbers(314, 315, 202);
            case "aarch64" -> new SystemCallNumbers(274, 275, 98);
            default ->
                throw new UnsupportedOperationException(
                        "no system call numbers for " + architecture + "; x86_64 and aarch64 are known");
        };
    }
}
