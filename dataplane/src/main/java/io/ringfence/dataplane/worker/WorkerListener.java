package io.ringfence.dataplane.worker;

/** What a worker reports to the control plane; called on the control thread. */
public interface WorkerListener {
    /** A virtqueue was stopped because the guest broke a rule; the guest can reset it. */
    void queueStopped(String description);

    /** The VM's session must end: why. */
    void sessionFailed(String reason);
}
