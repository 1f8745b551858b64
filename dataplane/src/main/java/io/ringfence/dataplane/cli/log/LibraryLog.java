package io.ringfence.dataplane.cli.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * What libraries log through {@code java.util.logging}, Netty among them: warnings and worse go to standard error, one
 * line each, the rest nowhere.
 *
 * <p>The log manager instantiates it when something logs for the first time, so a command that logs nothing pays
 * nothing.
 */
public final class LibraryLog {
    private static final String CONFIGURATION = ".level = WARNING\nhandlers = " + StandardError.class.getName() + "\n";

    /** Called by the log manager. */
    public LibraryLog() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Has the log manager of this JVM use this, unless the operator has configured another. */
    public static void install() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            System.setProperty("java.util.logging.config.class", LibraryLog.class.getName());
        }
    }

    /** Prints records as the lines of {@link OperatorLog}. */
    public static final class StandardError extends Handler {
        private final OperatorLog log = new OperatorLog(LineQueue.STANDARD_ERROR);

        /** Called by the log manager. */
        public StandardError() {
            setFormatter(new SimpleFormatter());
            setLevel(Level.WARNING);
        }

        @Override
        public void publish(LogRecord entry) {
            if (isLoggable(entry)) {
                Throwable thrown = entry.getThrown();
                String text = getFormatter().formatMessage(entry) + (thrown == null ? "" : ": " + thrown);
                log.warning(String.valueOf(entry.getLoggerName()), text);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
