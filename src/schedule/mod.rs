//! What is prepared ahead of its time. Prepared messages (playbooks) so far; timers and promises use them too.

pub mod playbook;
