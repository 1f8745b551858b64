package io.ringfence.vhostuser.backend;

/**
 * Something for which a session must end.
 *
 * @param does what the front-end does, for the name of the test
 * @param reason a part of the reason with which the session must end
 */
record Misbehaviour(String does, Script script, String reason) {
    interface Script {
        void play(ScriptedFrontEnd frontEnd) throws Exception;
    }

    @Override
    public String toString() {
        return does;
    }
}
