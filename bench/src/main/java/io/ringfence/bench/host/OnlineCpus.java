package io.ringfence.bench.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CPUs of this host. */
public final class OnlineCpus {
    private static final Path FILE = Path.of("/sys/devices/system/cpu/online");

    private OnlineCpus() {}

    /** The highest CPU that is online. */
    public static int last() throws IOException {
        return last(Files.readString(FILE));
    }

    /** The last number of a list such as {@code 0-3,6}. */
    public static int last(String list) {
        String[] numbers = list.strip().split("[-,]", -1);
        return Integer.parseInt(numbers[numbers.length - 1]);
    }
}
