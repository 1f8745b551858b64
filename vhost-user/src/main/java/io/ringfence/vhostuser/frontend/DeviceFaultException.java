package io.ringfence.vhostuser.frontend;

/** The device broke a rule of VIRTIO 1.3 in what it wrote into a used ring: in a test, the back-end has a bug. */
public final class DeviceFaultException extends IllegalStateException {
    /** Creates one that says what was found, where, and what was expected. */
    public DeviceFaultException(String message) {
        super(message);
    }
}
