package io.ringfence.bench.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CPUs of this host. */
final class OnlineCpus {
    private static final Path FILE = Path.of("/sys/devices/system/cpu/online");

    private OnlineCpus() {}

    /** The highest CPU that is online. */
    static int last() throws IOException {
        return last(Files.readString(FILE));
    }

    /** The last number of a list such as {@code 0-3,6}. */
    static int last(String list) {
        String[] numbers = list.strip().split("[-,]", -1);
        return Integer.parseInt(numbers[numbers.length - 1]);
    }
}
