package io.ringfence.dataplane.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;

/** Answers a front-end's vhost-user requests just enough for it to finish its start; moves no packets. */
final class DumbBackend {
    private static final int GET_FEATURES = 1;
    private static final int GET_PROTOCOL_FEATURES = 15;
    private static final int GET_QUEUE_NUM = 17;
    private static final int VERSION_AND_REPLY = 1 | 1 << 2;

    /** VIRTIO_F_VERSION_1, VHOST_USER_F_PROTOCOL_FEATURES, VIRTIO_NET_F_MQ, VIRTIO_NET_F_MTU. */
    private static final long FEATURES = 1L << 32 | 1 << 30 | 1 << 22 | 1 << 3;

    /** MQ and MTU. */
    private static final long PROTOCOL_FEATURES = 1 | 1 << 4;

    private DumbBackend() {}

    /** Serves until the front-end closes the connection. */
    static void serve(SocketChannel connection) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
        while (fill(connection, header)) {
            int request = header.getInt(0);
            fill(connection, ByteBuffer.allocate(header.getInt(8)));
            switch (request) {
                case GET_FEATURES -> reply(connection, request, FEATURES);
                case GET_PROTOCOL_FEATURES -> reply(connection, request, PROTOCOL_FEATURES);
                case GET_QUEUE_NUM -> reply(connection, request, 8);
                default -> {}
            }
        }
    }

    private static boolean fill(SocketChannel connection, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (connection.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    private static void reply(SocketChannel connection, int request, long value) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
        message.putInt(request)
                .putInt(VERSION_AND_REPLY)
                .putInt(8)
                .putLong(value)
                .flip();
        while (message.hasRemaining()) {
            connection.write(message);
        }
    }
}
