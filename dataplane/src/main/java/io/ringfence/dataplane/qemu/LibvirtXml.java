package io.ringfence.dataplane.qemu;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A guest's memory and network interface as elements of libvirt's domain XML.
 *
 * @see <a href="https://libvirt.org/formatdomain.html#vhost-user-connection">Domain XML format, vhost-user connection</a>
 */
public final class LibvirtXml {
    private final XMLStreamWriter xml;
    private int depth;

    private LibvirtXml(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /** Returns a {@code domain} element with nothing but what Ringfence needs, to be merged into a whole one. */
    public static String of(GuestAttachment guest) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new LibvirtXml(xml).domain(guest);
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return text.append('\n').toString();
    }

    private void domain(GuestAttachment guest) throws XMLStreamException {
        String memory = Integer.toString(guest.memoryMebibytes());
        start("domain", "type", "kvm");
        text("memory", memory, "unit", "MiB");
        text("vcpu", Integer.toString(guest.vcpus()));
        start("memoryBacking");
        empty("source", "type", "memfd");
        empty("access", "mode", "shared");
        end();
        start("cpu");
        start("numa");
        String cpus = guest.vcpus() == 1 ? "0" : "0-" + (guest.vcpus() - 1);
        empty("cell", "id", "0", "cpus", cpus, "memory", memory, "unit", "MiB", "memAccess", "shared");
        end();
        end();
        start("devices");
        networkInterface(guest);
        end();
        end();
    }

    private void networkInterface(GuestAttachment guest) throws XMLStreamException {
        String path = guest.vm().socket().toString();
        start("interface", "type", "vhostuser");
        empty("mac", "address", guest.mac().toString());
        if (guest.connects()) {
            start("source", "type", "unix", "path", path, "mode", "client");
            empty("reconnect", "enabled", "yes", "timeout", "1");
            end();
        } else {
            empty("source", "type", "unix", "path", path, "mode", "server");
        }
        empty("model", "type", "virtio");
        if (guest.queuePairs() > 1) {
            empty("driver", "queues", Integer.toString(guest.queuePairs()));
        }
        if (guest.hasOwnMtu()) {
            empty("mtu", "size", Integer.toString(guest.network().mtuBytes()));
        }
        end();
    }

    private void start(String name, String... attributes) throws XMLStreamException {
        indent();
        xml.writeStartElement(name);
        attributes(attributes);
        depth++;
    }

    private void end() throws XMLStreamException {
        depth--;
        indent();
        xml.writeEndElement();
    }

    private void empty(String name, String... attributes) throws XMLStreamException {
        indent();
        xml.writeEmptyElement(name);
        attributes(attributes);
    }

    private void text(String name, String content, String... attributes) throws XMLStreamException {
        indent();
        xml.writeStartElement(name);
        attributes(attributes);
        xml.writeCharacters(content);
        xml.writeEndElement();
    }

    /** @param namesAndValues in turn */
    private void attributes(String... namesAndValues) throws XMLStreamException {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            xml.writeAttribute(namesAndValues[i], namesAndValues[i + 1]);
        }
    }

    private void indent() throws XMLStreamException {
        xml.writeCharacters((depth == 0 ? "" : "\n") + "  ".repeat(depth));
    }
}
