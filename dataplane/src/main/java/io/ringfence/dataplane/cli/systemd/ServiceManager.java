package io.ringfence.dataplane.cli.systemd;

import com.sun.jna.LastErrorException;
import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.dataplane.control.EventLog;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The service manager (systemd) that started this process, if one did and wants to be told how it is: sd_notify(3), a datagram
 * for each change. That it cannot be told is an event and no more. Any thread but a worker; {@link #ready} may take seconds.
 */
public final class ServiceManager {
    private static final String ADDRESS_VARIABLE = "NOTIFY_SOCKET";

    private static final int EAGAIN = 11;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final @Nullable String socket;
    private final EventLog log;
    private boolean stopping;

    private ServiceManager(@Nullable String socket, EventLog log) {
        this.socket = socket;
        this.log = log;
    }

    /** The one that has left its address in the environment; without one, nothing is told to anybody. */
    public static ServiceManager ofEnvironment(EventLog log) {
        return of(System.getenv(ADDRESS_VARIABLE), log);
    }

    /** @param socket a path, or {@code @} and a name in the abstract namespace; null or empty if there is none */
    static ServiceManager of(@Nullable String socket, EventLog log) {
        return new ServiceManager(socket == null || socket.isEmpty() ? null : socket, log);
    }

    /**
     * The service is up or, after {@link #reloading}, again. While the service manager is too busy to take it, it is tried again for
     * two seconds: a service that works would be ended by a manager that has missed it.
     *
     * @param status a line for the operator
     */
    public void ready(String status) {
        String message = "READY=1\nSTATUS=" + OneLine.of(status);
        long startNanos = System.nanoTime();
        boolean last = false;
        while (!tell(message, last)) {
            LockSupport.parkNanos(RETRY_NANOS);
            last = System.nanoTime() - startNanos >= PATIENCE_NANOS;
        }
    }

    /** It reads its configuration again; {@link #ready} is to follow, whatever comes of it. */
    public void reloading() {
        // Of the monotonic clock, which System.nanoTime is on Linux: systemd sees by it which of its signals is
        // answered.
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
        tell("RELOADING=1\nMONOTONIC_USEC=" + micros, true);
    }

    /** It ends; nothing is told after that. */
    public synchronized void stopping() {
        tell("STOPPING=1\nSTATUS=stopping", true);
        stopping = true;
    }

    /**
     * Tells it, or why that cannot be done; false if it might be done later.
     *
     * @param last whether nobody tries it again
     */
    private synchronized boolean tell(String message, boolean last) {
        if (socket == null || stopping) {
            return true;
        }
        try {
            send(socket, message);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EAGAIN && !last) {
                return false;
            }
            refused(e.getMessage() + " (error " + e.getErrorCode() + ")");
        } catch (IllegalArgumentException e) {
            refused(String.valueOf(e.getMessage()));
        }
        return true;
    }

    private void refused(String reason) {
        log.warning(
                "host", "the service manager cannot be told: %s `%s`: %s".formatted(ADDRESS_VARIABLE, socket, reason));
    }

    private static void send(String socket, String message) {
        byte[] address = DatagramCalls.address(socket);
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int fd = DatagramCalls.socket(DatagramCalls.AF_UNIX, DatagramCalls.SOCK_DGRAM | DatagramCalls.SOCK_CLOEXEC, 0);
        try {
            // Whoever does not read holds nobody up.
            DatagramCalls.sendto(
                    fd,
                    bytes,
                    bytes.length,
                    DatagramCalls.MSG_NOSIGNAL | DatagramCalls.MSG_DONTWAIT,
                    address,
                    address.length);
        } finally {
            DatagramCalls.close(fd);
        }
    }
}
