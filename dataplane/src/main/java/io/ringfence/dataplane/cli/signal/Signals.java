package io.ringfence.dataplane.cli.signal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;

/**
 * What a signal does to this process.
 *
 * <p>By {@code sun.misc.Signal}: Java has no public way, and the JVM keeps SIGHUP, SIGINT and SIGTERM unblocked for itself in
 * every thread, so that signalfd(2) cannot have them. By reflection, because the compiler warns of it in a way that cannot
 * be switched off.
 */
final class Signals {
    private Signals() {}

    /**
     * Has a signal run this, each time on a thread of its own, and does nothing else any more. A signal that is ignored, as
     * SIGHUP under {@code nohup}, stays ignored.
     *
     * @param name without SIG
     */
    static void handle(String name, Runnable handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            MethodHandle run = MethodHandles.publicLookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(handler);
            MethodHandle handle = MethodHandles.dropArguments(run, 0, signal);
            call(signal, handlerType, name, MethodHandleProxies.asInterfaceInstance(handlerType, handle));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM does not let SIG" + name + " be handled: " + e, e);
        }
    }

    /** Gives a signal back to the JVM, which then ends by it as if it had not been handled. */
    static void restore(String name) {
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            call(
                    Class.forName("sun.misc.Signal"),
                    handlerType,
                    name,
                    handlerType.getField("SIG_DFL").get(null));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIG" + name + " cannot be given back: " + e, e);
        }
    }

    private static void call(Class<?> signal, Class<?> handlerType, String name, Object handler)
            throws ReflectiveOperationException {
        try {
            signal.getMethod("handle", signal, handlerType)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("SIG" + name + " cannot be handled: " + e.getCause(), e);
        }
    }
}
