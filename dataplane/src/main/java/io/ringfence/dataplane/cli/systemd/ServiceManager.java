package io.ringfence.dataplane.cli.systemd;

import com.sun.jna.LastErrorException;
import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.dataplane.control.EventLog;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The service manager (systemd) that started this process, if one did and wants to be told how it is: sd_notify(3), a datagram
 * for each change. That it cannot be told is an event and no more. Any thread but a worker.
 */
public final class ServiceManager {
    private static final String ADDRESS_VARIABLE = "NOTIFY_SOCKET";

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
     * The service is up or, after {@link #reloading}, again.
     *
     * @param status a line for the operator
     */
    public void ready(String status) {
        tell("READY=1\nSTATUS=" + OneLine.of(status));
    }

    /** It reads its configuration again; {@link #ready} is to follow, whatever comes of it. */
    public void reloading() {
        // Of the monotonic clock, which System.nanoTime is on Linux: systemd sees by it which of its signals is
        // answered.
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
        tell("RELOADING=1\nMONOTONIC_USEC=" + micros);
    }

    /** It ends; nothing is told after that. */
    public synchronized void stopping() {
        tell("STOPPING=1\nSTATUS=stopping");
        stopping = true;
    }

    private synchronized void tell(String message) {
        if (socket == null || stopping) {
            return;
        }
        try {
            send(socket, message);
        } catch (LastErrorException e) {
            refused(e.getMessage() + " (error " + e.getErrorCode() + ")");
        } catch (IllegalArgumentException e) {
            refused(String.valueOf(e.getMessage()));
        }
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
