package io.ringfence.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For test classes that take CPU 1 from the rest of the host: one at a time, of all modules and of all builds on the host. A lock
 * on a file is the turn, so that the kernel ends it with the JVM.
 */
public final class CpuTurn implements BeforeAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(CpuTurn.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(NAMESPACE).put("turn", take());
    }

    static Turn take() {
        Path path = Path.of(System.getProperty("java.io.tmpdir"), "ringfence-cpu1.lock");
        try {
            FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file.lock();
            return new Turn(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Held until it is closed, which JUnit does after the class. */
    record Turn(FileChannel file) implements AutoCloseable {
        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
