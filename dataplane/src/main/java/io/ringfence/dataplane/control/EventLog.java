package io.ringfence.dataplane.control;

/** Where the control plane tells the operator what happened; any control thread, never a worker. */
public interface EventLog {
    /** Something expected happened to a VM. */
    void event(String vm, String what);

    /** A front-end has connected. */
    default void attached(String vm) {
        event(vm, "attached");
    }

    /** A session has ended. */
    default void detached(String vm, String reason) {
        event(vm, "detached: " + reason);
    }

    /** Something went wrong with a VM, and only with it. */
    void warning(String vm, String what);
}
