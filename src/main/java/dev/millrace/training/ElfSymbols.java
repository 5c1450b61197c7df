package dev.millrace.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The dynamic symbols of a shared library: what it defines and what it needs from others. Reads 64-bit little-endian ELF, the
 * format of Linux on x86-64 and ARM64 (System V ABI, chapters 4 and 5). Immutable.
 *
 * @param defined names of symbols it offers
 * @param needed names of symbols that others must define; weak ones, which may stay undefined, left out
 */
record ElfSymbols(Set<String> defined, Set<String> needed) {
    private static final int HEADER = 64;
    private static final int SECTION = 64;
    private static final int SYMBOL = 24;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int WEAK = 2;
    private static final long LARGEST_TABLE = 1L << 29;

    /**
     * Reads the tables only, however large the library is.
     *
     * @throws IOException if it is not such a library
     */
    static ElfSymbols read(SeekableByteChannel library) throws IOException {
        ByteBuffer header = bytes(library, 0, HEADER);
        if (header.getInt(0) != 0x464C_457F || header.get(4) != 2 || header.get(5) != 1) {
            throw new IOException("expected a 64-bit little-endian ELF library, found another kind of file");
        }
        long start = header.getLong(0x28);
        int width = Short.toUnsignedInt(header.getShort(0x3A));
        int count = Short.toUnsignedInt(header.getShort(0x3C));
        if (width < SECTION) {
            throw new IOException("expected sections of " + SECTION + " bytes, found " + width);
        }
        ByteBuffer sections = bytes(library, start, (long) width * count);
        Set<String> defined = new HashSet<>();
        Set<String> needed = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (sections.getInt(i * width + 4) == DYNAMIC_SYMBOLS) {
                int names = sections.getInt(i * width + 0x28);
                if (names < 0 || names >= count) {
                    throw new IOException("expected a section of names below " + count + ", found " + names);
                }
                addSymbols(
                        section(library, sections, i * width),
                        section(library, sections, names * width),
                        defined,
                        needed);
            }
        }
        return new ElfSymbols(defined, needed);
    }

    private static ByteBuffer section(SeekableByteChannel library, ByteBuffer sections, int at) throws IOException {
        return bytes(library, sections.getLong(at + 0x18), sections.getLong(at + 0x20));
    }

    private static void addSymbols(ByteBuffer symbols, ByteBuffer names, Set<String> defined, Set<String> needed) {
        byte[] text = names.array();
        for (int at = 0; at + SYMBOL <= symbols.capacity(); at += SYMBOL) {
            int from = symbols.getInt(at);
            int to = from;
            while (to >= 0 && to < text.length && text[to] != 0) {
                to++;
            }
            if (to <= from) {
                continue;
            }
            String name = new String(text, from, to - from, StandardCharsets.US_ASCII);
            if (symbols.getShort(at + 6) != 0) {
                defined.add(name);
            } else if (symbols.get(at + 4) >> 4 != WEAK) {
                needed.add(name);
            }
        }
    }

    private static ByteBuffer bytes(SeekableByteChannel library, long from, long length) throws IOException {
        if (from < 0 || length < 0 || length > LARGEST_TABLE || from + length > library.size()) {
            throw new IOException("expected " + length + " bytes at " + from + ", found a file of " + library.size());
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        library.position(from);
        while (buffer.hasRemaining() && library.read(buffer) >= 0) {
            // Reads on until the buffer is full.
        }
        if (buffer.hasRemaining()) {
            throw new IOException("the file ends early");
        }
        return buffer.flip();
    }
}
