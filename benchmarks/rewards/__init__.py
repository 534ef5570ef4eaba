"""The benchmark of reward design: how good the policies are that rewards from different sources lead to."""
