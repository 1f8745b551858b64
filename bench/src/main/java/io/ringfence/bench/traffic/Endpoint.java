package io.ringfence.bench.traffic;

import io.ringfence.config.MacAddress;
import java.nio.file.Path;

/**
 * Where a station attaches, and to whom it sends.
 *
 * @param socket the vhost-user socket on which the back-end listens
 * @param mac its own address
 * @param peer the address that it sends to
 */
public record Endpoint(String name, MacAddress mac, MacAddress peer, Path socket) {
    public Endpoint {
        if (!name.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("station \"" + name + "\": expected letters, digits, `.`, `_` and `-`");
        }
    }

    /** Reads what {@code toString} has written. */
    static Endpoint parse(String word) {
        String[] parts = word.split(",", 4);
        if (parts.length != 4) {
            throw new IllegalArgumentException("station \"" + word + "\": expected NAME,MAC,PEER,SOCKET");
        }
        return new Endpoint(parts[0], MacAddress.parse(parts[1]), MacAddress.parse(parts[2]), Path.of(parts[3]));
    }

    @Override
    public String toString() {
        return name + "," + mac + "," + peer + "," + socket;
    }
}
