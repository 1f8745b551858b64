package io.ringfence.dataplane.journal;

import io.ringfence.testing.Await;
import java.nio.file.Path;

/** Writes numbered entries to a journal until it is killed, and prints how many are written. */
public final class NumbersProgram {
    private NumbersProgram() {}

    /** The arguments are the directory and the first number. */
    public static void main(String[] arguments) {
        long first = Long.parseLong(arguments[1]);
        Journal journal = Journal.open(Path.of(arguments[0]), 64 << 20, System.err::println);
        journal.start();
        for (long number = first; ; number++) {
            journal.append(Entries.numbered(number));
            long expected = number - first + 1;
            if (expected % 50 == 0) {
                Await.until("written", () -> journal.written() >= expected);
                System.out.println(number);
            }
        }
    }
}
