package io.ringfence.dataplane.cli.signal;

import java.util.concurrent.CompletableFuture;

/** Lets SIGHUP have the configuration read again, instead of ending the process. */
public final class ReloadSignal {
    private final CompletableFuture<Runnable> reloading = new CompletableFuture<>();

    private ReloadSignal() {}

    /** Begins to answer the signal; one that comes before {@link #reloadsBy} is answered then. */
    public static ReloadSignal install() {
        ReloadSignal signal = new ReloadSignal();
        // Under nohup it is ignored, and the JVM would leave it so.
        SignalCalls.restoreDefault(SignalCalls.SIGHUP);
        Signals.handle("HUP", () -> signal.reloading.join().run());
        return signal;
    }

    /** Names what asks for a reload; it must return at once. */
    public void reloadsBy(Runnable request) {
        reloading.complete(request);
    }
}
