package dev.millrace.monitor;

import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process and all that descend from it, from {@code /proc/<pid>/stat} (proc(5)). One thread at a time.
 *
 * <p>CPU time of a process that ended and was waited for is part of its parent's {@code cutime} and {@code cstime}; so what a
 * child used after the last look at it, or without ever having been seen, is not lost. A number that a later process got again
 * is told by the start time. A descendant that outlives its parent stays in the tree.
 */
final class ProcessTree {
    /** {@code USER_HZ}: 100 on every Linux that the JVM runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int PAGE_BYTES = pageBytes();
    /** Samples after which even numbers known to be no members are looked at again, as processes may have got them anew. */
    private static final int LOOK_AGAIN = 30;

    private final ProcReader proc;
    private final long root;
    private final File folder;
    private final Map<Long, Member> members = new HashMap<>();
    private final Set<Long> strangers = new HashSet<>();
    private long firstStart = -1;
    private long samples;

    /** @param root number of the process at the top */
    ProcessTree(ProcReader proc, long root) {
        this.proc = proc;
        this.root = root;
        this.folder = new File(proc.root());
    }

    /**
     * What the tree uses. Immutable.
     *
     * @param cpuSeconds CPU time since the previous look; 0 at the first one
     * @param residentBytes memory, shared pages in each process that has them
     */
    record Use(double cpuSeconds, long residentBytes) {}

    /** Looks at the tree as it is now. */
    Use look() throws IOException {
        boolean first = samples == 0;
        Set<Long> running = running();
        if (samples++ % LOOK_AGAIN == 0) {
            strangers.clear();
        } else {
            strangers.retainAll(running);
        }
        if (first) {
            firstStart = uptimeTicks();
        }
        List<Member> ended = refresh(running);
        adopt(newcomers(running));
        return account(ended, first);
    }

    /** The numbers of all processes of the tree at the last look. */
    List<Long> processes() {
        return List.copyOf(members.keySet());
    }

    private Set<Long> running() throws IOException {
        String[] names = folder.list();
        if (names == null) {
            throw new IOException("Cannot list " + folder + ".");
        }
        Set<Long> running = new HashSet<>(2 * names.length);
        for (String name : names) {
            if (name.length() < 18 && Character.isDigit(name.charAt(0))) {
                running.add(Long.parseLong(name));
            }
        }
        return running;
    }

    /** Reads the members again and takes those out that are gone. */
    private List<Member> refresh(Set<Long> running) throws IOException {
        List<Member> ended = new ArrayList<>();
        for (Iterator<Member> all = members.values().iterator(); all.hasNext(); ) {
            Member member = all.next();
            Member now = running.contains(member.id) ? read(member.id) : null;
            if (now == null || now.started != member.started) {
                all.remove();
                ended.add(member);
            } else {
                member.moveTo(now);
            }
        }
        return ended;
    }

    private List<Member> newcomers(Set<Long> running) throws IOException {
        List<Member> found = new ArrayList<>();
        for (long id : running) {
            if (!members.containsKey(id) && !strangers.contains(id)) {
                Member newcomer = read(id);
                if (newcomer != null) {
                    found.add(newcomer);
                }
            }
        }
        return found;
    }

    /** Takes in whoever descends from a member; of several generations at once, one per round. */
    private void adopt(List<Member> newcomers) {
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Iterator<Member> left = newcomers.iterator(); left.hasNext(); ) {
                Member newcomer = left.next();
                if (newcomer.id == root || members.containsKey(newcomer.parent)) {
                    // One that was there before the first look has used most of its time before it.
                    newcomer.beginAt(samples > 1 && newcomer.started >= firstStart);
                    members.put(newcomer.id, newcomer);
                    left.remove();
                    grown = true;
                }
            }
        }
        newcomers.forEach(stranger -> strangers.add(stranger.id));
    }

    private Use account(List<Member> ended, boolean first) {
        Map<Long, Long> countedBefore = countedBefore(ended);
        long ticks = 0;
        long pages = 0;
        for (Member member : members.values()) {
            ticks += Math.max(0, member.own - member.ownBefore);
            ticks += Math.max(0, member.waitedFor - member.waitedForBefore - countedBefore.getOrDefault(member.id, 0L));
            pages += member.pages;
        }
        return new Use(first ? 0 : ticks / TICKS_PER_SECOND, pages * PAGE_BYTES);
    }

    /**
     * What ended processes had used when last seen, by the living ancestor that waited for them: it is counted already, and
     * comes back in the ancestor's account.
     */
    private static Map<Long, Long> countedBefore(List<Member> ended) {
        Map<Long, Long> parents = new HashMap<>();
        ended.forEach(member -> parents.put(member.id, member.parent));
        Map<Long, Long> counted = new HashMap<>();
        for (Member member : ended) {
            long ancestor = member.parent;
            for (int generation = 0; parents.containsKey(ancestor) && generation < ended.size(); generation++) {
                ancestor = parents.get(ancestor);
            }
            counted.merge(ancestor, member.own + member.waitedFor, Long::sum);
        }
        return counted;
    }

    /** Null if the process is gone. Fields are counted after the name, which may contain blanks and brackets. */
    private @Nullable Member read(long id) throws IOException {
        if (!proc.readIfThere(id + "/stat") || !proc.seekAfterLast(')')) {
            return null;
        }
        proc.skipFields(1);
        long parent = proc.number();
        proc.skipFields(9);
        long own = proc.number() + proc.number();
        long waitedFor = proc.number() + proc.number();
        proc.skipFields(4);
        long started = proc.number();
        proc.skipFields(1);
        return new Member(id, parent, started, own, waitedFor, proc.number());
    }

    private long uptimeTicks() throws IOException {
        proc.readHead("uptime");
        return (long) (proc.number() * TICKS_PER_SECOND);
    }

    private static int pageBytes() {
        // Large pages (arm64) show in the auxiliary vector: entry 6 is AT_PAGESZ.
        try (DataInputStream vector = new DataInputStream(new FileInputStream("/proc/self/auxv"))) {
            while (true) {
                long key = Long.reverseBytes(vector.readLong());
                long value = Long.reverseBytes(vector.readLong());
                if (key == 6) {
                    return Math.toIntExact(value);
                }
            }
        } catch (IOException | ArithmeticException unknown) {
            return 4096;
        }
    }

    /** One process at the last look, and what was counted of it before. Times in ticks. */
    private static final class Member {
        private final long id;
        private final long started;
        private long parent;
        private long own;
        private long waitedFor;
        private long ownBefore;
        private long waitedForBefore;
        private long pages;

        Member(long id, long parent, long started, long own, long waitedFor, long pages) {
            this.id = id;
            this.parent = parent;
            this.started = started;
            this.own = own;
            this.waitedFor = waitedFor;
            this.pages = pages;
        }

        void beginAt(boolean zero) {
            ownBefore = zero ? 0 : own;
            waitedForBefore = zero ? 0 : waitedFor;
        }

        void moveTo(Member now) {
            ownBefore = own;
            waitedForBefore = waitedFor;
            own = now.own;
            waitedFor = now.waitedFor;
            parent = now.parent;
            pages = now.pages;
        }
    }
}
